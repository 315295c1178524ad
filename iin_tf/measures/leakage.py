"""Leakage: what each block tells about each factor, against a permutation null."""

import numpy as np
from scipy import linalg
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.model_selection import GroupKFold

from iin_tf.measures.block_information import LANDMARKS, equivariant_features
from iin_tf.measures.scores import r_squared, targets_of, weighted_mean
from iin_tf.statistics.intervals import permutation

SOURCE = "held-out R^2 of ridge read-outs; permutation null as in Ojala & Garriga 2010, section 2"
PENALTIES = tuple(10.0 ** np.arange(-2, 5))
FOLDS = 5


def leakage(study):
    """What blocks other than a factor's own tell about it, the residual foremost.

    Read-outs: ridge regressions, penalty by leave-one-out error (by five folds of originals,
    where rows are views of originals), on the block ("linear")
    and on the block with Nystroem features of a Gaussian kernel ("nonlinear"), both
    equivariant to rotation; R^2 on test rows, of indicators for a categorical factor.  The
    null repeats the non-linear read-out with permuted factor rows.

    "leakage/residual": mean over factors of what the residual tells (where there is one);
    "leakage/others": mean over factors of the most that any foreign block tells.  Parts are
    [blocks, factors]; below zero means worse than no guess at all.
    """
    sample = study.sample
    linear, nonlinear, null, accuracy = _tables(study)
    # (1 + more extreme) / (1 + draws): a permutation test cannot give zero.
    p = (1 + (null >= nonlinear[0]).sum(axis=0)) / (1 + len(null))
    parts = {
        "linear": linear[0],
        "nonlinear": nonlinear[0],
        "accuracy": accuracy,
        "null_high": np.quantile(null, study.protocol.level, axis=0),
        "p_value": p,
        "own": [study.own.get(factor.name) or "none" for factor in sample.factors],
    }
    foreign = _foreign(study)
    others = np.where(foreign, nonlinear, -np.inf).max(axis=1)
    measures = []
    if "residual" in sample.unit_names:
        row = sample.unit_names.index("residual")
        measures.append(_measure(study, "residual", nonlinear[:, row].mean(axis=1), parts))
    if np.isfinite(others).all():
        measures.append(_measure(study, "others", others.mean(axis=1), parts))
    return measures


def _measure(study, name, values, parts):
    train, test = (len(rows) for rows in study.split)
    details = {
        "estimator": f"ridge on block and {LANDMARKS} Nystroem features",
        "permutations": study.protocol.resamples,
        "train": train,
        "test": test,
    }
    how = "resampled test rows, the fit kept, centred"
    key, bounds = f"leakage/{name}", (-np.inf, 1)
    return study.resampled(key, values, parts, SOURCE, how, bounds, **details)


def _foreign(study):
    names = study.sample.unit_names
    own = [study.own.get(factor.name) for factor in study.sample.factors]
    return np.array([[name != mine for mine in own] for name in names])


def _tables(study):
    sample, (train, test) = study.sample, study.split
    weights = np.concatenate([np.ones((1, len(test))), study.weights])
    seed, orders = study.integer_seed("landmarks"), _permutations(study)
    folds = _folds(sample.groups_of(train))
    linear, nonlinear, null, accuracy = [], [], [], []
    for columns in sample.units:
        features = equivariant_features(sample.codes, columns, train, seed)
        plain = features[:, : len(columns)]
        linear.append([_score(plain, f, study.split, weights, folds)[0] for f in sample.factors])
        found = [_score(features, f, study.split, weights, folds) for f in sample.factors]
        nonlinear.append([score for score, _, _ in found])
        accuracy.append([hit for _, _, hit in found])
        null.append(
            [
                _null(features, factor, study.split, alpha, orders)
                for factor, (_, alpha, _) in zip(sample.factors, found, strict=True)
            ]
        )
    stacked = [np.moveaxis(np.array(table), -1, 0) for table in (linear, nonlinear, null)]
    return (*stacked, np.array(accuracy))


def _permutations(study):
    rng = study.rng("leakage")
    rows, groups = study.sample.rows, study.sample.groups
    return [permutation(rows, rng, groups) for _ in range(study.protocol.resamples)]


def _folds(groups):
    # A left-out row's twin would praise penalties that remember originals.
    if groups is None:
        return None
    return list(GroupKFold(min(FOLDS, len(np.unique(groups)))).split(groups, groups=groups))


def _score(features, factor, split, weights, folds):
    (train, test), target = split, targets_of(factor)
    if folds is None:
        model = RidgeCV(alphas=PENALTIES).fit(features[train], target[train])
    else:
        penalty = _penalty(features[train], target[train], folds)
        model = Ridge(alpha=penalty).fit(features[train], target[train])
    predicted = model.predict(features[test]).reshape(len(test), -1)
    hit = np.nan
    if not factor.continuous:
        # Indicators are centred: the frequencies come back before the largest is taken.
        frequency = np.bincount(factor.levels) / len(factor.levels)
        correct = (predicted + frequency).argmax(axis=1) == factor.levels[test]
        hit = weighted_mean(correct.astype(np.float64), weights[:1])[0]
    return r_squared(target[test], predicted, weights), _alpha(model), hit


def _alpha(model):
    return float(model.alpha_ if isinstance(model, RidgeCV) else model.alpha)


def _penalty(features, target, folds):
    """The penalty with the least squared error over the folds' held-out rows."""
    errors = np.zeros(len(PENALTIES))
    for fitted, held in folds:
        centre, mean = features[fitted].mean(axis=0), target[fitted].mean(axis=0)
        u, s, v = linalg.svd(features[fitted] - centre, full_matrices=False)
        along, basis = u.T @ (target[fitted] - mean), (features[held] - centre) @ v.T
        for place, penalty in enumerate(PENALTIES):
            predicted = mean + basis @ ((s / (s**2 + penalty))[:, None] * along)
            errors[place] += np.square(target[held] - predicted).sum()
    return PENALTIES[int(errors.argmin())]


def _null(features, factor, split, alpha, orders):
    (train, test), target = split, targets_of(factor)
    width, ones = target.shape[1], np.ones((1, len(test)))
    shuffled = np.hstack([target[order] for order in orders])
    model = Ridge(alpha=alpha).fit(features[train], shuffled[train])
    predicted = model.predict(features[test]).reshape(len(test), -1)
    return [
        r_squared(shuffled[test, i : i + width], predicted[:, i : i + width], ones)[0]
        for i in range(0, shuffled.shape[1], width)
    ]
