"""Codes and factors of one evaluation, in a plain form."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Factor:
    """One ground-truth factor, known in every row.

    Attributes:
      name: its name.
      numbers: its values as float64, [n]; those of whole numbers count from the smallest one,
        so that ids too large for floats stay apart.
      continuous: whether it was declared continuous.
      levels: index of each row's value among the sorted distinct values, [n], int64;
        empty for a continuous factor.
      count: number of distinct values; 0 for a continuous factor.
    """

    name: str
    numbers: np.ndarray
    continuous: bool
    levels: np.ndarray
    count: int


@dataclasses.dataclass(frozen=True)
class Sample:
    """The rows that are measured.

    Attributes:
      codes: [n, N] float64.
      factors: K `Factor`s.
      blocks: {name: column indices}; None where every code stands by itself.
      source: int [n], the original that each row is a view of; None: every row is one.
      left_out: rows that were given and are not among these, as some label of theirs is missing.
      unknown: {factor name: rows in which its label is missing}.
    """

    codes: np.ndarray
    factors: tuple[Factor, ...]
    blocks: dict[str, np.ndarray] | None = None
    source: np.ndarray | None = None
    left_out: int = 0
    unknown: dict[str, int] = dataclasses.field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of examples n."""
        return len(self.codes)

    @property
    def units(self) -> list[np.ndarray]:
        """Column indices of each unit that is scored: the blocks, or the single codes."""
        if self.blocks is None:
            return [np.array([column]) for column in range(self.codes.shape[1])]
        return list(self.blocks.values())

    def source_of(self, rows: np.ndarray) -> np.ndarray | None:
        """The original behind each of the given rows, or None."""
        return None if self.source is None else self.source[rows]

    @property
    def representing(self) -> np.ndarray:
        """Which units are asked to stand for a factor, bool [U]: all but a block "residual"."""
        names = [] if self.blocks is None else list(self.blocks)
        if "residual" in names and len(names) > 1:
            return np.array([name != "residual" for name in names])
        return np.ones(len(self.units), bool)

    @property
    def unit_names(self) -> list[str]:
        """Names of the blocks, or "0", "1", ... for single codes."""
        if self.blocks is None:
            return [str(column) for column in range(self.codes.shape[1])]
        return list(self.blocks)
