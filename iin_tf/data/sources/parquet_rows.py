"""Rows of a Parquet file's column of lists, read from front to back as they are used."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from iin_tf.checks import InputError
from iin_tf.data.tables import read_table
from iin_tf.files import reading

# Bytes of the file, and values, that are read together.
_BUFFER, _VALUES = 2**20, 2**21


class ParquetRows:
    """The column `key` of a Parquet file, lists of numbers of one length.

    A reader goes through the file; rows behind it are read by starting again, so they are best
    asked for in their order.

    Attributes:
      shape, dtype: of the rows.

    Args:
      path: of the file.
      key: name of the column.

    Raises:
      InputError: no Parquet file, no such column, or one of something else.
    """

    def __init__(self, path: Path, key: str):
        self._path, self._key = path, key
        with reading(path):
            self._file = pa.parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False)
            schema = self._file.schema_arrow
        if key not in schema.names:
            raise InputError(f"path: {path} has no column {key!r}; give key, one of {schema.names}")
        kind = schema.field(key).type
        if not _is_list(kind) or not _is_number(kind.value_type):
            raise InputError(f"path: column {key!r} of {path} is {kind}; give lists of numbers")
        self._names = [name for name in schema.names if name != key]
        width = self._width()
        values = kind.value_type.to_pandas_dtype()
        self.shape, self.dtype = (self._file.metadata.num_rows, width), np.dtype(values)
        self._together = max(1, _VALUES // max(1, width))
        self._restart()

    def columns(self) -> dict[str, np.ndarray]:
        """What else the file says of each row, typed as `read_table` does."""
        if not self._names:
            return {}
        with reading(self._path):
            table = self._file.read(columns=self._names)
        ids = tuple(name for name in ("id",) if name in self._names)
        return read_table(table, "path", ids)

    def _width(self):
        with reading(self._path):
            batches = self._file.iter_batches(1, columns=[self._key], use_threads=False)
            first = next(batches, None)
        if first is None or first.num_rows == 0:
            raise InputError(f"path: {self._path} has no rows; give at least one")
        return len(first.column(0)[0].as_py() or ())

    def _restart(self):
        self._batches = self._file.iter_batches(
            self._together, columns=[self._key], use_threads=False
        )
        self._first, self._batch = 0, np.empty((0, *self.shape[1:]), self.dtype)

    def read(self, rows: np.ndarray) -> np.ndarray:
        """Some rows, whose numbers rise and are distinct."""
        values = np.empty((len(rows), *self.shape[1:]), self.dtype)
        if len(rows) and rows[0] < self._first:
            self._restart()
        done = 0
        while done < len(rows):
            end = np.searchsorted(rows, self._first + len(self._batch))
            values[done:end] = self._batch[rows[done:end] - self._first]
            done = end
            if done < len(rows):
                self._first += len(self._batch)
                self._batch = self._next()
        return values

    def _next(self):
        with reading(self._path):
            lists = next(self._batches).column(0)
        width = self.shape[1]
        lengths = pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False)
        if (lengths != width).any():
            wrong = int(np.argmax(lengths != width))
            raise InputError(
                f"path: {self._key!r} of {self._path} has {lengths[wrong]} values in row "
                f"{self._first + wrong}, and {width} in the first; give one length"
            )
        flat = lists.flatten()
        if flat.null_count:
            raise InputError(
                f"path: {self._key!r} of {self._path} has {flat.null_count} empty values in rows "
                f"{self._first} to {self._first + len(lists) - 1}; give numbers"
            )
        numbers = flat.to_numpy(zero_copy_only=False)
        return numbers.astype(self.dtype, copy=False).reshape(-1, width)


def _is_list(kind):
    return (
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def _is_number(kind):
    return pa.types.is_floating(kind) or pa.types.is_integer(kind)
