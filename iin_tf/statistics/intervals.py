"""Intervals that contain their own estimate.

A plain bootstrap repeats rows, which adds information to a plug-in estimate that is not
there: the interval of a mutual information then lies above the estimate itself.  Subsampling
half the rows without replacement does not repeat any.  Its spread is the one of the full
sample, because 1/(n/2) - 1/n = 1/n, and its shift is the estimator's bias at n, for a bias of
order 1/n (Politis, Romano & Wolf 1999, "Subsampling", section 2.3).
"""

import numpy as np
from scipy import stats


def half_samples(rows, count, rng, groups=None):
    """Yields `count` index arrays of half the rows without replacement.

    With `groups` [rows], the ids of what rows are views of, half of the groups are drawn,
    each with all of its rows.
    """
    if groups is None:
        for _ in range(count):
            yield rng.choice(rows, rows // 2, replace=False)
        return
    ids, group = np.unique(groups, return_inverse=True)
    for draw in half_samples(len(ids), count, rng):
        yield np.flatnonzero(np.isin(group, draw))


def bootstrap_weights(rows, count, rng, groups=None):
    """How often each bootstrap draw takes each row, [count, rows] float64.

    With `groups` as in `half_samples`, the rows of a group are taken together.
    """
    if groups is None:
        return rng.multinomial(rows, np.full(rows, 1 / rows), size=count).astype(np.float64)
    ids, group = np.unique(groups, return_inverse=True)
    return bootstrap_weights(len(ids), count, rng)[:, group]


def permutation(rows, rng, groups=None):
    """An order of the rows that makes codes and factors independent, [rows].

    With `groups` as in `half_samples`, whole groups change places with groups of their size,
    so that what rows of one group have in common stays together.
    """
    if groups is None:
        return rng.permutation(rows)
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    members = np.split(np.argsort(group, kind="stable"), np.cumsum(sizes)[:-1])
    order = np.empty(rows, np.int64)
    for size in np.unique(sizes):
        alike = np.stack([found for found in members if len(found) == size])
        order[alike] = alike[rng.permutation(len(alike))]
    return order


def centred_interval(value, replicates, level, bounds=(-np.inf, np.inf)):
    """The spread of the replicates about their own mean, laid around the estimate.

    value + quantile(replicates - mean(replicates)) at (1 -+ level) / 2, cut to `bounds`, and
    widened to contain the value where the replicates are skewed.

    Args:
      value: the estimate.
      replicates: [R], the estimate on half-samples or bootstrap draws.
      level: coverage.
      bounds: range that the interval is cut to, but never past the value.

    Returns:
      (low, high).
    """
    replicates = np.asarray(replicates, np.float64)
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(replicates - replicates.mean(), tails) + value
    return _around(value, low, high, bounds)


def student_interval(value, replicates, level, bounds=(-np.inf, np.inf)):
    """value -+ t * standard deviation, for the few replicates that costly fits allow.

    Args:
      value: the estimate on all rows.
      replicates: [R], the estimate on half-samples, R >= 2.
      level: coverage.
      bounds: range that the interval is cut to, but never past the value.

    Returns:
      (low, high).
    """
    replicates = np.asarray(replicates, np.float64)
    spread = replicates.std(ddof=1) * stats.t.ppf((1 + level) / 2, len(replicates) - 1)
    return _around(value, value - spread, value + spread, bounds)


def _around(value, low, high, bounds):
    """The interval cut to `bounds`, then widened to contain the value."""
    low, high = max(low, bounds[0]), min(high, bounds[1])
    return float(min(low, value)), float(max(high, value))
