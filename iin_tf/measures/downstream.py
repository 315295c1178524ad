"""Downstream accuracy by sample size, on reduced codes and on factor values not seen."""

import functools
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from iin_tf.measures.discretise import discrete_levels
from iin_tf.measures.estimators import fit, importances_of, target_of
from iin_tf.measures.importance import held_out_scorers
from iin_tf.measures.scores import prediction_score
from iin_tf.results import Result

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

SOURCE = "Locatello et al. 2019, arXiv 1811.12359, section 5.5; 2020, arXiv 2010.14766"
SIZES = (10, 100, 1_000, 10_000)
REMOVED = (1, 2)
# Share of a factor's values that the transfer test keeps out of training.
UNSEEN = 0.2


def downstream(study: "Study") -> list[Result]:
    """Held-out accuracy (R^2 for continuous factors), the mean over factors.

    "downstream/<size>": the protocol's estimator on the first 10, 100, 1,000 and 10,000
    train rows (the largest is what there is); logistic regression beside it in the parts.
    "downstream/efficiency": score at 100 over score at the largest size, 0 where that is 0.
    "downstream/without_<k>": all train rows without the k codes that matter most.
    "downstream/unseen": trained without a fifth of the values of the next factor, tested on
    these values only.

    Source: Locatello et al. 2019, section 5.5; 2020, arXiv 2010.14766.
    """
    tables = {size: _at_size(study, size) for size in _sizes(len(study.split[0]))}
    measures = [_by_size(study, size, *tables[size]) for size in tables]
    if len(tables) > 1:
        measures.append(_efficiency(study, tables))
    width = study.sample.codes.shape[1]
    measures += [_without(study, removed) for removed in REMOVED if removed < width]
    if len(study.sample.factors) > 1:
        measures.append(_unseen(study))
    return measures


def _sizes(available):
    smaller = [size for size in SIZES if size < available]
    return smaller if len(smaller) == len(SIZES) else [*smaller, available]


def _at_size(study, size):
    rows = study.rng("downstream").permutation(study.split[0])[:size]
    if size == len(study.split[0]):
        trees = held_out_scorers(study)
    else:
        trees = [_fitted_scorer(study, factor, rows) for factor in study.sample.factors]
    linear = [_linear_score(study, factor, rows) for factor in study.sample.factors]
    return study.on_test_rows(trees), np.array(linear)


def _by_size(study, size, table, linear):
    parts = {"scores": table[0], "linear_scores": linear}
    name, fields = "downstream/{rows}", {"rows": size}
    return _measure(study, name, table.mean(axis=1), parts, fields=fields, train=size)


def _efficiency(study, tables):
    sizes = list(tables)
    small = 100 if 100 in tables else sizes[0]
    least, most = (tables[size][0].mean(axis=1) for size in (small, sizes[-1]))
    values = np.where(most != 0, least / np.where(most != 0, most, 1), 0.0)
    return _measure(study, "downstream/efficiency", values, {}, sizes=[small, sizes[-1]])


def _without(study, removed):
    columns = []
    for factor, model in zip(study.sample.factors, study.fits.models, strict=True):
        found = importances_of(model, study.sample.codes.shape[1])
        kept = np.sort(np.argsort(-found, kind="stable")[removed:])
        columns.append(_fitted_scorer(study, factor, study.split[0], kept))
    table = study.on_test_rows(columns)
    name, fields = "downstream/without_{removed}", {"removed": removed}
    return _measure(study, name, table.mean(axis=1), {"scores": table[0]}, fields=fields)


def _unseen(study: "Study") -> list[Result]:
    factors, (train, test) = study.sample.factors, study.split
    rng, columns = study.rng("unseen"), []
    for k, factor in enumerate(factors):
        levels, count = discrete_levels(factors[(k + 1) % len(factors)], study.protocol.bins)
        hidden = rng.permutation(count)[: max(1, round(UNSEEN * count))]
        kept, asked = train[~np.isin(levels[train], hidden)], np.isin(levels[test], hidden)
        columns.append(_fitted_scorer(study, factor, kept, asked=asked))
    table = study.on_test_rows(columns)
    parts = {"scores": table[0]}
    return _measure(study, "downstream/unseen", table.mean(axis=1), parts, hidden_share=UNSEEN)


def _measure(study, name, values, parts, **details):
    details = {"estimator": study.protocol.estimator, **details}
    return study.held_out(name, values, parts, SOURCE, **details)


def _fitted_scorer(study, factor, rows, columns=None, asked=None):
    codes = study.sample.codes if columns is None else study.sample.codes[:, columns]
    test, target = study.split[1], target_of(factor)
    if not factor.continuous and len(np.unique(target[rows])) == 1:
        prediction = np.full(len(test), target[rows][0])
    else:
        seed = study.integer_seed("downstream")
        model = fit(study.protocol.estimator, factor, codes, rows, seed)
        prediction = model.predict(codes[test])
    score = functools.partial(prediction_score, factor, target[test], prediction)
    return score if asked is None or not asked.any() else functools.partial(_among, score, asked)


def _among(score, asked, weights):
    """The score of the asked rows only."""
    weights = weights * asked
    # A bootstrap draw without any row of the asked kind falls back on the estimate's rows.
    weights[weights.sum(axis=1) == 0] = asked
    return score(weights)


def _linear_score(study, factor, rows):
    target, codes, test = target_of(factor), study.sample.codes, study.split[1]
    if not factor.continuous and len(np.unique(target[rows])) == 1:
        prediction = np.full(len(test), target[rows][0])
    else:
        final = Ridge() if factor.continuous else LogisticRegression(max_iter=500)
        model = make_pipeline(StandardScaler(), final).fit(codes[rows], target[rows])
        prediction = model.predict(codes[test])
    return prediction_score(factor, target[test], prediction, np.ones((1, len(test))))[0]
