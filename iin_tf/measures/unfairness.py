"""Unfairness: how much a prediction shifts with a sensitive factor."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.measures.discretise import discrete_levels, equal_width
from iin_tf.measures.references import FAIRNESS
from iin_tf.results import Result
from iin_tf.statistics import resampled

if TYPE_CHECKING:
    from iin_tf.measures.study import Study


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


def unfairness(study: "Study") -> list[Result]:
    """Unfairness of the fitted predictors of each factor towards every other factor.

    The change of the sensitive factor is read off held-out rows grouped by its value, which
    equals intervening on it as far as the other factors are independent of it.  Value: the
    mean over ordered pairs of factors; with one factor there is no pair and no measure.

    Source: Locatello et al. 2019 (fairness), section 3.
    """
    if len(study.sample.factors) == 1:
        return []
    sample, test = study.sample, study.split[1]
    found = [discrete_levels(factor, study.protocol.bins) for factor in sample.factors]
    groups = [(levels[test], count) for levels, count in found]
    predicted = [_predicted_classes(study, target) for target in range(len(groups))]
    pairs = pairs_of(len(groups))

    def tables(weights):
        return unfairness_of_pairs(
            [_weighted_counts(*groups[s], *predicted[t], weights) for t, s in pairs]
        )

    values = resampled(tables, study.bootstrap)
    return [_measure(study, name, values[:, i]) for i, name in enumerate(("mean", "maximum"))]


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


def _measure(study, name, pairs):
    parts = {"target_by_sensitive": as_table(pairs[0], len(study.sample.factors))}
    details, values = {"estimator": study.protocol.estimator}, pairs.mean(axis=1)
    return study.held_out(f"unfairness/{name}", values, parts, FAIRNESS, (0, 1), **details)


def _predicted_classes(study, target):
    factor, prediction = study.sample.factors[target], study.fits.test_prediction[target]
    if factor.continuous:
        return equal_width(prediction, study.protocol.bins), study.protocol.bins
    return prediction.astype(np.int64), factor.count


def _weighted_counts(groups, group_count, classes, class_count, weights):
    cell = np.eye(group_count * class_count)[groups * class_count + classes]
    return (weights @ cell).reshape(len(weights), group_count, class_count)
