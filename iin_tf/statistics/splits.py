"""Splits that never cut a source: views of one original stand on one side."""

import numpy as np
from sklearn.model_selection import GroupKFold, KFold


def folds(rows: int, count: int, source: np.ndarray | None = None) -> list:
    """(fitted rows, held rows) of each fold, for the choice of hyper-parameters.

    A left-out row's twin would praise settings that remember originals.

    Args:
      rows: number of rows n.
      count: number of folds, at most; fewer where there are fewer rows or sources.
      source: the original behind each row, [n]; None where every row is an original.

    Returns:
      list of pairs of int arrays.
    """
    if source is None:
        return list(KFold(min(count, rows)).split(np.zeros(rows)))
    count = min(count, len(np.unique(source)))
    return list(GroupKFold(count).split(source, groups=source))


def split(
    order: np.ndarray, first: int, source: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """A drawn order of rows, cut after about `first` of them, and the rest.

    With `source`, source follows source in the order of their first rows, and the cut is the
    end of a source that is nearest to `first`.  scikit-learn's GroupShuffleSplit counts
    sources, not rows.

    Args:
      order: row numbers in the order in which they are taken, [n].
      first: how many rows the first part should have.
      source: the original behind each row (of all rows, not in `order`); None for none.

    Returns:
      (first part, rest), row numbers.
    """
    if source is not None:
        order = by_source(order, source)
        ends = np.flatnonzero(np.diff(source[order])) + 1
        first = int(ends[np.argmin(np.abs(ends - first))]) if len(ends) else len(order)
    return order[:first], order[first:]


def by_source(order: np.ndarray, source: np.ndarray) -> np.ndarray:
    """The rows of `order`, source after source, sources by their first rows in it."""
    _, first, place = np.unique(source[order], return_index=True, return_inverse=True)
    return order[np.argsort(first[place], kind="stable")]


def half_of_sources(source: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Which rows belong to a random half of the sources, bool [n]."""
    ids, place = np.unique(source, return_inverse=True)
    return (random.permutation(len(ids)) < len(ids) / 2)[place]
