"""SAP: separated attribute predictability."""

import functools
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from iin_tf.measures.block_information import equivariant_features
from iin_tf.measures.scores import (
    linear_r_squared,
    prediction_score,
    squared_correlation,
    standardised,
)
from iin_tf.results import Result
from iin_tf.statistics import resampled

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

KUMAR = "Kumar et al. 2018, arXiv 1711.00848, section 3"


def predictability(study: "Study") -> np.ndarray:
    """How well each unit alone predicts each factor by a linear read-out, [1 + R, U, K].

    Single codes: test accuracy of a linear support vector machine (C = 0.01, balanced
    classes, as in the study), or the squared correlation on test rows for a continuous
    factor.  Blocks: test accuracy of a ridge logistic read-out, or R^2 of a linear fit;
    neither changes when a block is rotated.
    """
    columns = [_column(study, k) for k in range(len(study.sample.factors))]
    return resampled(
        lambda weights: np.stack([column(weights) for column in columns], axis=-1), study.bootstrap
    )


def sap_gap(matrix: np.ndarray) -> np.ndarray:
    """Best minus second best predictability of each factor, [..., K] from [..., U, K]."""
    ranked = np.sort(matrix, axis=-2)
    second = ranked[..., -2, :] if matrix.shape[-2] > 1 else 0.0
    return ranked[..., -1, :] - second


def sap(study: "Study") -> list[Result]:
    """SAP score, the mean gap over factors.

    As in the study, single codes are read as they stand, so that the score depends on their
    scale and origin; `Protocol(sap_codes="standardised")` reads standardised ones.

    Source: Kumar et al. 2018, section 3.
    """
    matrix = predictability(study)
    gaps = sap_gap(matrix)
    parts = {"predictability": matrix[0], "gaps": gaps[0]}
    values = gaps.mean(axis=-1)
    kind = f"linear SVM, C=0.01, balanced, {study.protocol.sap_codes} codes"
    kind = kind if study.sample.blocks is None else "ridge read-outs"
    details = {"estimator": f"{kind}; R^2 if continuous"}
    return [study.held_out("sap", values, parts, KUMAR, (0, 1), **details)]


def _column(study, k):
    """A function of weights [R, test] to the scores of all units for a factor, [R, U]."""
    sample, test = study.sample, study.split[1]
    factor = sample.factors[k]
    if sample.blocks is None and factor.continuous:
        return functools.partial(squared_correlation, sample.codes[test], factor.numbers[test])
    scorers = [_unit_scorer(study, factor, columns) for columns in sample.units]
    return lambda weights: np.stack([score(weights) for score in scorers], axis=1)


def _unit_scorer(study, factor, columns):
    sample, (train, test) = study.sample, study.split
    if factor.continuous:
        block = sample.codes[:, columns]
        # Far from linear, the held-out R^2 of a fit is below zero: then it predicts nothing.
        found = linear_r_squared(block, factor.numbers, study.split)
        return lambda weights: np.maximum(found(weights), 0)
    if sample.blocks is None:
        features = sample.codes[:, columns]
        if study.protocol.sap_codes == "standardised":
            features = standardised(features)
        model = LinearSVC(C=0.01, class_weight="balanced", random_state=study.integer_seed("sap"))
    else:
        features = equivariant_features(sample.codes, columns, train, seed=0, kernel=False)
        model = LogisticRegression(max_iter=500, class_weight="balanced")
    model.fit(features[train], factor.levels[train])
    predicted = model.predict(features[test])
    return functools.partial(prediction_score, factor, factor.levels[test], predicted)
