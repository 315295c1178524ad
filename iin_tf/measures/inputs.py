"""What users give to measures, checked once: InputError with one clear line each."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.data.labels import label_array
from iin_tf.measures.sample import Factor

# Squares and their products must neither overflow nor vanish in float64.
LARGEST = 1e30
SMALLEST = 1e-30
LEAST_SOURCES = 10


def check_codes(codes: ArrayLike, name: str = "codes") -> np.ndarray:
    """`codes` as a finite float64 matrix [n, N] with rows and columns.

    Raises:
      InputError: anything else, or a largest number beyond 1e30 or below 1e-30.
    """
    codes = checks.real_array(codes, name)
    checks.check_matrix(codes, name)
    if 0 in codes.shape:
        raise InputError(f"{name} has shape {codes.shape}; give at least one row and one column")
    codes = codes.astype(np.float64)
    checks.check_finite_rows(codes, name)
    check_extent(codes, name)
    return codes


def check_extent(values: np.ndarray, name: str) -> None:
    """Raises InputError where the largest number is so far from 1 that its square is lost."""
    largest = float(np.abs(values).max())
    if largest and not SMALLEST <= largest <= LARGEST:
        raise InputError(
            f"{name} has {largest:g} as its largest size; scale it into {SMALLEST:g} to {LARGEST:g}"
        )


def check_factors(
    factors: ArrayLike | Mapping[str, ArrayLike],
    rows: int,
    continuous: Iterable = (),
    names: Iterable[str] | None = None,
) -> tuple[tuple[Factor, ...], np.ndarray, dict[str, int]]:
    """Factors in the rows where all of them are known.

    A category is a whole number; a negative one, NaN and None are missing.  A continuous factor
    is a number; NaN and None are missing.

    Args:
      factors: [n, K], or a mapping (or data frame) of names to columns [n].
      rows: n.
      continuous: names or column numbers of the factors that are continuous.
      names: K names of the columns of an array; None for "factor_0", ...

    Returns:
      (K `Factor`s, which rows are used: bool [n], {name: number of missing labels}).

    Raises:
      InputError: columns of another length or of other things than numbers, a factor that does
        not vary in the rows that are left, a category of one example, unknown names.
    """
    columns = _columns(factors, names)
    declared = _declared(continuous, list(columns))
    values, known = {}, {}
    for name, column in columns.items():
        if len(column) != rows:
            raise InputError(f"factor {name!r} has {len(column)} rows, codes {rows}; give as many")
        read = _numbers if name in declared else _categories
        values[name], known[name] = read(column, name)
    used = np.logical_and.reduce(list(known.values()))
    if not used.any():
        raise InputError("factors: no row has a known label of every factor; leave out some factor")
    found = tuple(_factor(name, values[name][used], name in declared) for name in columns)
    return found, used, {name: int((~one).sum()) for name, one in known.items()}


def check_source(source: ArrayLike | None, rows: int) -> np.ndarray | None:
    """`source` as whole numbers [n] from 0, or None.

    Raises:
      InputError: not one whole number or text a row, a missing one, or fewer than ten originals.
    """
    if source is None:
        return None
    source = label_array(source, "source")
    if source.shape != (rows,) or source.dtype.kind not in "biuUS":
        raise InputError(
            f"source has shape {source.shape} and dtype {source.dtype}; give {rows} whole numbers "
            "or texts, one a row"
        )
    if checks.is_missing(source).any():
        raise InputError("source is missing in some rows; leave these rows out")
    ids, places = np.unique(source, return_inverse=True)
    if len(ids) < LEAST_SOURCES:
        raise InputError(
            f"source has {len(ids)} values; give at least {LEAST_SOURCES}, as they are split and "
            "drawn"
        )
    return places


def has_names(factors: object) -> bool:
    """Whether the factors' columns bring their names: a mapping or a data frame."""
    return isinstance(factors, Mapping) or hasattr(factors, "columns")


def names_of(given: Any, argument: str) -> list:
    """`given`, one name or several, as a list; a text is one name.

    Raises:
      InputError: something that cannot be gone through.
    """
    if isinstance(given, str | int | np.integer):
        return [given]
    try:
        return list(given)
    except TypeError as error:
        raise InputError(f"{argument} is {checks.shown(given)}; give a list of names") from error


def _columns(factors: Any, names: object) -> dict[str, np.ndarray]:
    """The factors' columns by name."""
    if has_names(factors):
        if names is not None:
            raise InputError("factor_names stand in the mapping already; leave factor_names out")
        columns = {str(name): factors[name] for name in factors}
    else:
        table = _table(factors)
        columns = dict(zip(_factor_names(names, table.shape[1]), table.T, strict=True))
    if not columns:
        raise InputError("factors has no columns; give at least one factor")
    return {name: _one_column(column, name) for name, column in columns.items()}


def _table(factors: object) -> np.ndarray:
    if np.ma.is_masked(factors):
        raise InputError("factors is a masked array; give -1 or NaN where a label is unknown")
    try:
        table = np.asarray(factors)
    except (ValueError, TypeError) as error:
        raise InputError(f"factors is {checks.shown(factors)}, no array; {error}") from error
    if table.ndim != 2 or table.shape[1] == 0 or table.dtype.kind not in "fiubO":
        raise InputError(
            f"factors has shape {table.shape} and dtype {table.dtype}; give numbers [n, K], one "
            "column a factor, or a mapping of names to columns [n]"
        )
    return table


def _one_column(column: object, name: str) -> np.ndarray:
    column = label_array(column, f"factor {name!r}")
    if column.ndim == 2 and column.shape[1] == 1:
        column = column[:, 0]
    if column.ndim != 1 or column.dtype.kind not in "biuf":
        raise InputError(
            f"factor {name!r} has shape {column.shape} and dtype {column.dtype}; give numbers [n]"
        )
    return column


def _factor_names(names: object, count: int) -> list[str]:
    if names is None:
        return [f"factor_{k}" for k in range(count)]
    found = names_of(names, "factor_names")
    strange = [name for name in found if not isinstance(name, str)]
    if strange or len(found) != count or len(set(found)) != count:
        raise InputError(
            f"factor_names is {checks.shown(found)}; give {count} different names, one a column"
        )
    return found


def _declared(continuous: object, names: list[str]) -> set[str]:
    declared = set()
    for item in names_of(continuous, "continuous"):
        number = isinstance(item, int | np.integer) and not isinstance(item, bool)
        if isinstance(item, str) and item in names:
            declared.add(item)
        elif number and 0 <= item < len(names):
            declared.add(names[item])
        else:
            raise InputError(
                f"continuous names {checks.shown(item)}; give column numbers or names of {names}"
            )
    return declared


def _numbers(column: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A continuous column as float64, and where it is known."""
    numbers = column.astype(np.float64)
    known = ~checks.is_missing(numbers)
    _check_finite(numbers, name)
    if known.any():
        check_extent(numbers[known], f"factor {name!r}")
    return numbers, known


def _categories(column: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A categorical column as whole numbers, and where it is known."""
    if column.dtype.kind == "b":
        return column.astype(np.int64), np.ones(len(column), bool)
    if column.dtype.kind == "f":
        _check_finite(column, name)
        filled = np.where(np.isnan(column), -1, column)
        if np.any(filled != np.round(filled)):
            raise InputError(
                f"factor {name!r} has fractional values; declare it by continuous=[{name!r}]"
            )
        if np.any(filled >= 2.0**63):
            raise InputError(f"factor {name!r} has {filled.max():g}; give ids of 64 bits at most")
        column = np.maximum(filled, -1).astype(np.int64)
    return column, ~checks.is_missing(column)


def _check_finite(column: np.ndarray, name: str) -> None:
    bad = np.flatnonzero(np.isinf(column))
    if bad.size:
        raise InputError(f"factor {name!r} is infinite in row {bad[0]}; leave such rows out")


def _factor(name: str, values: np.ndarray, continuous: bool) -> Factor:
    found, levels, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(found) == 1:
        raise InputError(
            f"factor {name!r} has the one value {found[0]:g} in every row with labels (negative "
            "whole numbers and NaN are none); leave the factor out"
        )
    if continuous:
        return Factor(name, values, True, np.empty(0, np.int64), 0)
    if counts.min() == 1:
        raise InputError(
            f"factor {name!r} has one example only of value {found[counts.argmin()]}; leave that "
            "row out or declare the factor continuous"
        )
    numbers = (values - found[0]).astype(np.float64)
    return Factor(name, numbers, False, levels.reshape(-1).astype(np.int64), len(found))
