"""Codes and factors as given by a user, checked once and kept in a plain form."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Factor:
    """One ground-truth factor.

    Attributes:
      name: its name.
      numbers: the given values as float64, [n].
      continuous: whether it was declared continuous.
      levels: index of each row's value among the sorted distinct values, [n], int64;
        None for a continuous factor.
      count: number of distinct values; None for a continuous factor.
    """

    name: str
    numbers: np.ndarray
    continuous: bool
    levels: np.ndarray | None
    count: int | None


@dataclasses.dataclass(frozen=True)
class Sample:
    """Codes [n, N] float64, K factors, and the blocks by name (None: every code by itself).

    `groups` int [n] are the ids of what rows are views of (None: every row by itself).
    """

    codes: np.ndarray
    factors: tuple
    blocks: dict | None
    groups: np.ndarray | None = None

    @property
    def rows(self):
        """Number of examples n."""
        return len(self.codes)

    @property
    def units(self):
        """Column indices of each unit that is scored: the blocks, or the single codes."""
        if self.blocks is None:
            return [np.array([column]) for column in range(self.codes.shape[1])]
        return list(self.blocks.values())

    def groups_of(self, rows):
        """The group of each of the given rows, or None."""
        return None if self.groups is None else self.groups[rows]

    @property
    def representing(self):
        """Which units are asked to stand for a factor, bool [U]: all but a block "residual"."""
        names = [] if self.blocks is None else list(self.blocks)
        if "residual" in names and len(names) > 1:
            return np.array([name != "residual" for name in names])
        return np.ones(len(self.units), bool)

    @property
    def unit_names(self):
        """Names of the blocks, or "0", "1", ... for single codes."""
        if self.blocks is None:
            return [str(column) for column in range(self.codes.shape[1])]
        return list(self.blocks)


def check_codes(codes, name="codes"):
    """`codes` as a finite float64 matrix [n, N], or a ValueError that names what is wrong."""
    codes = np.asarray(codes)
    if codes.ndim != 2 or 0 in codes.shape or codes.dtype.kind not in "fiub":
        raise ValueError(
            f"{name} has shape {codes.shape} and dtype {codes.dtype}: give numbers [n, N]"
        )
    codes = codes.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(codes).all(axis=1))
    if bad.size:
        raise ValueError(
            f"{name} is not finite in {bad.size} rows, first row {bad[0]}: leave those rows out"
        )
    return codes


def check_factors(factors, rows, continuous=(), names=None):
    """Columns of `factors` [n, K] as `Factor`s, or a ValueError that names the column."""
    factors = np.asarray(factors)
    if factors.ndim != 2 or factors.shape[1] == 0 or factors.dtype.kind not in "fiub":
        raise ValueError(
            f"factors has shape {factors.shape} and dtype {factors.dtype}: "
            "give numbers [n, K], one column a factor"
        )
    if len(factors) != rows:
        raise ValueError(f"factors has {len(factors)} rows but codes has {rows}: give one for each")
    names = _factor_names(names, factors.shape[1])
    declared = _declared(continuous, names)
    return tuple(_factor(factors[:, k], names[k], k in declared) for k in range(len(names)))


def check_groups(groups, rows):
    """`groups` as ids [n], or None; a ValueError where they fit no rows or leave no halves."""
    if groups is None:
        return None
    groups = np.asarray(groups)
    if groups.shape != (rows,) or groups.dtype.kind not in "iu":
        raise ValueError(
            f"groups has shape {groups.shape} and dtype {groups.dtype}: give {rows} whole numbers, "
            "one a row"
        )
    count = len(np.unique(groups))
    if count < 10:
        raise ValueError(
            f"groups has {count} values: give at least 10, as they are split and drawn"
        )
    return groups


def _factor_names(names, count):
    if names is None:
        return [f"factor_{k}" for k in range(count)]
    names = [str(name) for name in names]
    if len(names) != count or len(set(names)) != count:
        raise ValueError(f"factor_names={names}: give {count} different names, one a column")
    return names


def _declared(continuous, names):
    indices = set()
    for item in continuous:
        if isinstance(item, str) and item in names:
            indices.add(names.index(item))
        elif isinstance(item, int | np.integer) and 0 <= item < len(names):
            indices.add(int(item))
        else:
            raise ValueError(f"continuous names {item!r}: give column numbers or names of {names}")
    return indices


def _factor(column, name, continuous):
    numbers = column.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        raise ValueError(f"factor {name!r} is not finite in row {bad[0]}: leave such rows out")
    values, levels, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    if len(values) == 1:
        raise ValueError(
            f"factor {name!r} has the one value {values[0]:g} in every row: leave the column out"
        )
    if continuous:
        return Factor(name, numbers, True, None, None)
    if np.any(values != np.round(values)):
        raise ValueError(
            f"factor {name!r} has fractional values: declare it by continuous=[{name!r}]"
        )
    if counts.min() == 1:
        raise ValueError(
            f"factor {name!r} has one example only of value {values[counts.argmin()]:g}: "
            "leave that row out or declare the factor continuous"
        )
    return Factor(name, numbers, False, levels.reshape(-1).astype(np.int64), len(values))
