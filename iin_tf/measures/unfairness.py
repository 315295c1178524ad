"""Unfairness: how much a prediction shifts with a sensitive factor."""

from typing import TYPE_CHECKING

import numpy as np

from iin_tf.measures.discretise import discrete_levels, equal_width
from iin_tf.measures.total_variation import (
    FAIRNESS,
    as_table,
    pairs_of,
    unfairness_of_pairs,
)
from iin_tf.results import Result
from iin_tf.statistics import resampled

if TYPE_CHECKING:
    from iin_tf.measures.study import Study


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
            [_weighted_counts(groups[s], predicted[t], weights) for t, s in pairs]
        )

    values = resampled(tables, study.bootstrap)
    return [_measure(study, name, values[:, i]) for i, name in enumerate(("mean", "maximum"))]


def _measure(study, name, pairs):
    parts = {"target_by_sensitive": as_table(pairs[0], len(study.sample.factors))}
    details, values = {"estimator": study.protocol.estimator}, pairs.mean(axis=1)
    return study.held_out(f"unfairness/{name}", values, parts, FAIRNESS, (0, 1), **details)


def _predicted_classes(study, target):
    factor, prediction = study.sample.factors[target], study.fits.test_prediction[target]
    if factor.continuous:
        return equal_width(prediction, study.protocol.bins), study.protocol.bins
    return prediction.astype(np.int64), factor.count


def _weighted_counts(sensitive, target, weights):
    (groups, group_count), (classes, class_count) = sensitive, target
    cell = np.eye(group_count * class_count)[groups * class_count + classes]
    return (weights @ cell).reshape(len(weights), group_count, class_count)
