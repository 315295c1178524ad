"""Unfairness as total variation, of counts and of ordered pairs of factors."""

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.checks import InputError

FAIRNESS = "Locatello et al. 2019, arXiv 1905.13662, section 3 (total variation)"


def unfairness_of_counts(counts: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Total variation between each group's predictions and all predictions.

    TV_s = 1/2 sum_c |p(c | s) - p(c)|; the mean weights each group s by its size.

    Args:
      counts: predictions c in each group s, [..., S, C]; groups without rows are left out.

    Returns:
      (mean [...], maximum [...]), between 0 and 1.

    Raises:
      InputError: negative or infinite counts, fewer than two axes, or no prediction at all.

    Source: Locatello et al. 2019 (fairness), section 3.
    """
    counts = checks.real_array(counts, "counts").astype(np.float64)
    if counts.ndim < 2 or not np.isfinite(counts).all() or np.any(counts < 0):
        raise InputError(
            f"counts is {checks.shown(counts)}; give finite numbers of at least 0, [..., S, C]"
        )
    if not np.all(counts.sum(axis=(-1, -2)) > 0):
        raise InputError("counts holds no prediction; give at least one")
    size = counts.sum(axis=-1)
    total = size.sum(axis=-1)
    within = counts / np.where(size > 0, size, 1)[..., None]
    overall = counts.sum(axis=-2) / total[..., None]
    variation = np.abs(within - overall[..., None, :]).sum(axis=-1) / 2
    variation = np.where(size > 0, variation, 0.0)
    return (variation * size).sum(axis=-1) / total, variation.max(axis=-1)


def unfairness_of_pairs(counts: list[np.ndarray]) -> np.ndarray:
    """Mean and maximal unfairness of each ordered pair of factors, [R, 2, pairs].

    Args:
      counts: one array a pair as `unfairness_of_counts` takes them, [R, S, C].
    """
    return np.stack([np.stack(unfairness_of_counts(one), axis=1) for one in counts], axis=-1)


def pairs_of(count: int) -> list[tuple[int, int]]:
    """Ordered pairs (target, sensitive) of different factors, row by row of a table."""
    return [(t, s) for t in range(count) for s in range(count) if t != s]


def as_table(values: np.ndarray, count: int) -> np.ndarray:
    """Values of the ordered pairs as [count, count], zero on the diagonal."""
    table = np.zeros((count, count))
    table[~np.eye(count, dtype=bool)] = values
    return table
