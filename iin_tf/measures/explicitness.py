"""Explicitness: can a linear classifier tell each value of a factor from the others."""

import functools
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from iin_tf.measures.discretise import discrete_levels
from iin_tf.measures.scores import area_under_roc
from iin_tf.results import Result

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

RIDGEWAY = "Ridgeway & Mozer 2018, arXiv 1802.05312, section 3"


def explicitness(study: "Study") -> list[Result]:
    """Explicitness: mean area under the ROC curve, one value against the rest.

    A logistic regression on standardised codes; the mean over the values that occur in the
    test rows, then over factors; 0.5 is chance.  It reads all codes, so blocks change
    nothing but the scaling: one number for all codes instead of one each, which keeps it
    equivariant to rotation.

    Source: Ridgeway & Mozer 2018, section 3.
    """
    features = _scaled(study)
    scores = study.on_test_rows([_area_scorer(study, features, f) for f in study.sample.factors])
    name, values, parts = "explicitness", scores.mean(axis=1), {"scores": scores[0]}
    details = {"estimator": "logistic regression, C=1"}
    return [study.held_out(name, values, parts, RIDGEWAY, (0, 1), **details)]


def _scaled(study: "Study") -> list[Result]:
    train = study.split[0]
    codes = study.sample.codes - study.sample.codes[train].mean(axis=0)
    spread = np.square(codes[train]).mean(axis=0)
    if study.sample.blocks is not None:
        spread = np.full_like(spread, spread.mean())
    return codes / np.sqrt(np.where(spread > 0, spread, 1))


def _area_scorer(study, features, factor):
    train, test = study.split
    levels, _ = discrete_levels(factor, study.protocol.bins)
    if len(np.unique(levels[train])) == 1:
        return _chance
    model = LogisticRegression(max_iter=500).fit(features[train], levels[train])
    predicted = model.predict_proba(features[test])
    present = [
        (column, levels[test] == level)
        for column, level in enumerate(model.classes_)
        if 0 < np.sum(levels[test] == level) < len(test)
    ]
    areas = [functools.partial(area_under_roc, predicted[:, c], hit) for c, hit in present]
    return functools.partial(_mean_of, areas) if areas else _chance


def _mean_of(scorers, weights):
    return np.mean([score(weights) for score in scorers], axis=0)


def _chance(weights):
    return np.full(len(weights), 0.5)
