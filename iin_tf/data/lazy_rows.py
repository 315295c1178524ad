"""Rows of examples that are read when they are asked for: a set larger than memory streams."""

import mmap
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from iin_tf.checks import InputError, shown, whole
from iin_tf.data.stateless import MOST


class LazyRows:
    """Rows that stay where they are until they are asked for.

    `rows[key]` reads, for a number, a slice, numbers or a mask, and gives an array as NumPy would;
    `rows.select(key)` only chooses, and `np.asarray(rows)` reads all.

    Args:
      read: function, numbers of rows int64 [B] -> array [B, *shape[1:]].
      shape: (n, ...), n rows.
      dtype: of what `read` gives.

    Raises:
      InputError: `read` is no function, or n no number of rows.
    """

    def __init__(self, read: Callable[[np.ndarray], np.ndarray], shape: tuple, dtype: Any):
        if not callable(read):
            raise InputError(f"read is {shown(read)}; give a function of row numbers")
        count = whole(shape[0], "shape: the number of rows", least=0, most=MOST)
        self._read = read
        self._chosen = np.arange(count)
        self._row_shape = tuple(shape[1:])
        self.dtype = np.dtype(dtype)

    @property
    def shape(self) -> tuple:
        """(n, ...)."""
        return (len(self._chosen), *self._row_shape)

    @property
    def ndim(self) -> int:
        """The number of axes, the rows' included."""
        return len(self.shape)

    def __len__(self) -> int:
        return len(self._chosen)

    def __repr__(self) -> str:
        return f"LazyRows({self.dtype} {list(self.shape)})"

    def select(self, key: Any) -> "LazyRows":
        """The rows at `key` (numbers, a slice or a mask), in that order; nothing is read."""
        chosen = LazyRows(self._read, self.shape, self.dtype)
        chosen._chosen = self._chosen[key]
        return chosen

    def __getitem__(self, key: Any) -> np.ndarray:
        rows = self._chosen[key]
        if not len(np.atleast_1d(rows)):
            return np.empty((0, *self._row_shape), self.dtype)
        values = self._read(np.atleast_1d(rows))
        return values if np.ndim(rows) else values[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise InputError("copy is False, but the rows are not in memory; leave it out")
        return np.asarray(self[:], dtype=dtype)


def lazy(x: Any) -> Any:
    """Rows of a memory map as LazyRows, so that choosing some does not read them; others as x."""
    if _is_mapped(x):
        return LazyRows(lambda rows: np.asarray(x[rows]), x.shape, x.dtype)
    return x


def _is_mapped(x):
    while isinstance(x, np.ndarray) and x.base is not None:
        x = x.base
    return isinstance(x, mmap.mmap)


def in_rising_order(read: Callable[[np.ndarray], np.ndarray]) -> Callable:
    """A function of any row numbers from one of distinct numbers that rise."""

    def read_any(rows):
        distinct, places = np.unique(rows, return_inverse=True)
        values = read(distinct)
        return values if np.array_equal(distinct, rows) else values[places]

    return read_any


def stacked_rows(parts: Sequence[tuple[Any, np.ndarray]]) -> LazyRows:
    """Rows of several arrays one after the other, read when they are asked for.

    Args:
      parts: arrays or `LazyRows` [n, ...] of one shape but for n, each with the numbers of its
        rows that are taken, int [m].
    """
    ends = np.cumsum([len(chosen) for _, chosen in parts])
    shape = (int(ends[-1]), *parts[0][0].shape[1:])
    kind = np.result_type(*[rows.dtype for rows, _ in parts])

    def read(wanted):
        values = np.empty((len(wanted), *shape[1:]), kind)
        place = np.searchsorted(ends, wanted, side="right")
        for number, (rows, chosen) in enumerate(parts):
            here = place == number
            if here.any():
                values[here] = rows[chosen[wanted[here] - (ends[number] - len(chosen))]]
        return values

    return LazyRows(read, shape, kind)
