"""SAP: separated attribute predictability."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from iin_tf.measures.block_information import equivariant_features
from iin_tf.measures.scores import (
    linear_r_squared,
    prediction_score,
    standardised,
    weighted_mean,
)

KUMAR = "Kumar et al. 2018, arXiv 1711.00848, section 3"


def squared_correlation(codes, numbers, weights):
    """Squared Pearson correlation of each code with a factor under row weights, [R, N].

    Zero for a code or factor that does not vary.
    """
    codes, numbers = standardised(codes), standardised(numbers)
    mean_code, mean_number = weighted_mean(codes, weights), weighted_mean(numbers, weights)
    covariance = weighted_mean(codes * numbers[:, None], weights)
    covariance -= mean_code * mean_number[:, None]
    code_variance = weighted_mean(codes**2, weights) - mean_code**2
    variance = code_variance * (weighted_mean(numbers**2, weights) - mean_number**2)[:, None]
    alive = variance > 1e-12
    return np.where(alive, covariance**2 / np.where(alive, variance, 1), 0.0)


def predictability(study, weights):
    """How well each unit alone predicts each factor by a linear read-out, [R, U, K].

    Single codes: test accuracy of a linear support vector machine (C = 0.01, balanced
    classes, as in the study), or the squared correlation on test rows for a continuous
    factor.  Blocks: test accuracy of a ridge logistic read-out, or R^2 of a linear fit;
    neither changes when a block is rotated.
    """
    columns = [_column(study, k, weights) for k in range(len(study.sample.factors))]
    return np.stack(columns, axis=-1)


def sap_gap(matrix):
    """Best minus second best predictability of each factor, [..., K] from [..., U, K]."""
    ranked = np.sort(matrix, axis=-2)
    second = ranked[..., -2, :] if matrix.shape[-2] > 1 else 0.0
    return ranked[..., -1, :] - second


def sap(study):
    """SAP score, the mean gap over factors (Kumar et al. 2018, section 3)."""
    weights = np.concatenate([np.ones((1, len(study.split[1]))), study.weights])
    matrix = predictability(study, weights)
    gaps = sap_gap(matrix)
    parts = {"predictability": matrix[0], "gaps": gaps[0]}
    values = gaps.mean(axis=-1)
    train, test = (len(rows) for rows in study.split)
    kind = "linear SVM, C=0.01, balanced" if study.sample.blocks is None else "ridge read-outs"
    details = {"estimator": f"{kind}; R^2 if continuous", "train": train, "test": test}
    how = "resampled test rows, the fit kept, centred"
    return [study.resampled("sap", values, parts, KUMAR, how, (0, 1), **details)]


def _column(study, k, weights):
    sample, test = study.sample, study.split[1]
    factor = sample.factors[k]
    if sample.blocks is None and factor.continuous:
        return squared_correlation(sample.codes[test], factor.numbers[test], weights)
    scores = [_unit_score(study, factor, columns, weights) for columns in sample.units]
    return np.stack(scores, axis=1)


def _unit_score(study, factor, columns, weights):
    sample, (train, test) = study.sample, study.split
    if factor.continuous:
        block = sample.codes[:, columns]
        # Far from linear, the held-out R^2 of a fit is below zero: then it predicts nothing.
        found = linear_r_squared(block, factor.numbers, study.split, weights)
        return np.maximum(found, 0)
    if sample.blocks is None:
        features = sample.codes[:, columns]
        model = LinearSVC(C=0.01, class_weight="balanced", random_state=study.integer_seed("sap"))
    else:
        features = equivariant_features(sample.codes, columns, train, seed=0, kernel=False)
        model = LogisticRegression(max_iter=500, class_weight="balanced")
    model.fit(features[train], factor.levels[train])
    return prediction_score(factor, factor.levels[test], model.predict(features[test]), weights)
