"""Leakage: what each block tells about each factor, against a permutation null."""

import functools
import itertools
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import Ridge

from iin_tf.measures.block_information import LANDMARKS, equivariant_features
from iin_tf.measures.ridge import fit_ridge
from iin_tf.measures.scores import r_squared, split_targets, targets_of
from iin_tf.results import Result
from iin_tf.statistics import Permutations, null_bound, p_value
from iin_tf.statistics.plans import CHUNK

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

SOURCE = (
    "held-out R^2 of ridge read-outs; permutation null as in Ojala & Garriga 2010, section 2, of "
    "whole originals as in Winkler et al. 2015"
)
PENALTIES = tuple(10.0 ** np.arange(-2, 5))


def leakage(study: "Study") -> list[Result]:
    """What blocks other than a factor's own tell about it, the residual foremost.

    Read-outs: ridge regressions, penalty by leave-one-out error (by five folds of originals,
    where rows are views of originals), on the block ("linear")
    and on the block with Nystroem features of a Gaussian kernel ("nonlinear"), both
    equivariant to rotation; R^2 on test rows, of indicators for a categorical factor.  The
    null repeats the non-linear read-out with permuted factor rows; rows of one original are
    permuted together, whatever their number.

    "leakage/residual": mean over factors of what the residual tells (where there is one);
    "leakage/others": mean over factors of the most that any foreign block tells.  Parts are
    [blocks, factors]; below zero means worse than no guess at all.
    """
    sample = study.sample
    linear, nonlinear, null, accuracy = _tables(study)
    parts = {
        "linear": linear[0],
        "nonlinear": nonlinear[0],
        "accuracy": accuracy,
        "null_high": null_bound(null, study.protocol.level),
        "p_value": p_value(nonlinear[0], null),
        "own": [study.own.get(factor.name) or "none" for factor in sample.factors],
    }
    foreign = _foreign(study)
    others = np.where(foreign, nonlinear, -np.inf).max(axis=1)
    measures = []
    if "residual" in sample.unit_names:
        row = sample.unit_names.index("residual")
        measures.append(_measure(study, "leakage/residual", nonlinear[:, row].mean(axis=1), parts))
    if np.isfinite(others).all():
        measures.append(_measure(study, "leakage/others", others.mean(axis=1), parts))
    return measures


def _measure(study, name, values, parts):
    details = {
        "estimator": f"ridge on block and {LANDMARKS} Nystroem features",
        "permutations": study.protocol.resamples,
    }
    return study.held_out(name, values, parts, SOURCE, (-np.inf, 1), **details)


def _foreign(study: "Study") -> np.ndarray:
    names = study.sample.unit_names
    own = [study.own.get(factor.name) for factor in study.sample.factors]
    return np.array([[name != mine for mine in own] for name in names])


def _tables(study: "Study") -> tuple[np.ndarray, ...]:
    sample, train = study.sample, study.split[0]
    plan = Permutations(
        sample.rows, study.protocol.resamples, study.seed_of("leakage"), sample.source
    )
    seed, source = study.integer_seed("landmarks"), sample.source_of(train)
    linear, nonlinear, null, accuracy = [], [], [], []
    for columns in sample.units:
        features = equivariant_features(sample.codes, columns, train, seed)
        plain = features[:, : len(columns)]
        linear.append([_fit(plain, f, study.split, source)[0] for f in sample.factors])
        found = [_fit(features, f, study.split, source) for f in sample.factors]
        nonlinear.append([scorer for scorer, _, _ in found])
        accuracy.append([hit for _, hit, _ in found])
        null.append(
            [
                _null(features, factor, study.split, alpha, plan)
                for factor, (_, _, alpha) in zip(sample.factors, found, strict=True)
            ]
        )
    told = study.on_test_rows([linear, nonlinear])
    return told[:, 0], told[:, 1], np.moveaxis(np.array(null), -1, 0), np.array(accuracy)


def _fit(features, factor, split, source):
    """R^2 on test rows as a function of weights, the accuracy (NaN if continuous), the penalty."""
    (train, test), target = split, targets_of(factor)
    model = fit_ridge(features[train], target[train], PENALTIES, source)
    predicted = model.predict(features[test]).reshape(len(test), -1)
    hit = np.nan
    if not factor.continuous:
        # Indicators are centred: the frequencies come back before the largest is taken.
        frequency = np.bincount(factor.levels) / len(factor.levels)
        hit = np.mean((predicted + frequency).argmax(axis=1) == factor.levels[test])
    return functools.partial(r_squared, target[test], predicted), hit, model.alpha


def _null(features, factor, split, alpha, plan):
    """R^2 of the read-out under each permutation of the plan, [resamples]."""
    (train, test), target = split, targets_of(factor)
    ones, found = np.ones((1, len(test))), []
    # One fit serves many permutations; as many as memory should hold.
    draws, at_once = plan.draws(), max(1, CHUNK // target.size)
    while orders := list(itertools.islice(draws, at_once)):
        shuffled = [target[order] for order in orders]
        model = Ridge(alpha=alpha).fit(features[train], np.hstack([y[train] for y in shuffled]))
        predicted = model.predict(features[test]).reshape(len(test), -1)
        parts = split_targets(predicted, shuffled)
        found += [
            r_squared(y[test], part, ones)[0] for y, part in zip(shuffled, parts, strict=True)
        ]
    return found
