"""Unfairness: how much a prediction shifts with a sensitive factor."""

import numpy as np

from iin_tf.measures.discretise import discrete_levels, equal_width

FAIRNESS = "Locatello et al. 2019, arXiv 1905.13662, section 3 (total variation)"


def unfairness_of_counts(counts):
    """Total variation between each group's predictions and all predictions.

    TV_s = 1/2 sum_c |p(c | s) - p(c)|; the mean weights each group s by its size.

    Args:
      counts: predictions c in each group s, [..., S, C]; groups without rows are left out.

    Returns:
      (mean [...], maximum [...]).
    """
    counts = np.asarray(counts, np.float64)
    size = counts.sum(axis=-1)
    total = size.sum(axis=-1)
    within = counts / np.where(size > 0, size, 1)[..., None]
    overall = counts.sum(axis=-2) / total[..., None]
    variation = np.abs(within - overall[..., None, :]).sum(axis=-1) / 2
    variation = np.where(size > 0, variation, 0.0)
    return (variation * size).sum(axis=-1) / total, variation.max(axis=-1)


def unfairness(study):
    """Unfairness of the fitted predictors of each factor towards every other factor.

    The change of the sensitive factor is read off held-out rows grouped by its value, which
    equals intervening on it as far as the other factors are independent of it.  Value: the
    mean over ordered pairs of factors; with one factor there is no pair and no measure.
    Locatello et al. 2019 (fairness), section 3.
    """
    if len(study.sample.factors) == 1:
        return []
    sample, test = study.sample, study.split[1]
    weights = np.concatenate([np.ones((1, len(test))), study.weights])
    count = len(sample.factors)
    mean = np.zeros((len(weights), count, count))
    worst = np.zeros_like(mean)
    for target in range(count):
        predicted, classes = _predicted_classes(study, target)
        for sensitive in range(count):
            if sensitive == target:
                continue
            groups, group_count = discrete_levels(sample.factors[sensitive], study.protocol.bins)
            counts = _weighted_counts(groups[test], group_count, predicted, classes, weights)
            found = unfairness_of_counts(counts)
            mean[:, target, sensitive], worst[:, target, sensitive] = found
    return [_measure(study, "mean", mean), _measure(study, "maximum", worst)]


def _measure(study, name, table):
    pairs = ~np.eye(table.shape[1], dtype=bool)
    values = table[:, pairs].mean(axis=1)
    how = "resampled test rows, the fit kept, centred"
    details = {"estimator": study.protocol.estimator, "test": len(study.split[1])}
    parts = {"target_by_sensitive": table[0]}
    key, bounds = f"unfairness/{name}", (0, 1)
    return study.resampled(key, values, parts, FAIRNESS, how, bounds, **details)


def _predicted_classes(study, target):
    factor, prediction = study.sample.factors[target], study.fits.test_prediction[target]
    if factor.continuous:
        return equal_width(prediction, study.protocol.bins), study.protocol.bins
    return prediction.astype(np.int64), factor.count


def _weighted_counts(groups, group_count, classes, class_count, weights):
    cell = np.eye(group_count * class_count)[groups * class_count + classes]
    return (weights @ cell).reshape(len(weights), group_count, class_count)
