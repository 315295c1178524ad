"""Block-identifiability: can a block predict a factor, non-linearly and linearly."""

import functools
from typing import TYPE_CHECKING

import numpy as np
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.metrics import pairwise_distances
from sklearn.model_selection import GridSearchCV

from iin_tf.measures.scores import r_squared, split_targets, targets_of
from iin_tf.results import Result
from iin_tf.statistics import folds

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

KUGELGEN = "von Kugelgen et al. 2021, arXiv 2106.04619, section 5 (kernel ridge R^2)"
# An exact kernel needs rows^2 numbers and rows^3 work.
KERNEL_ROWS = 2_000
SEARCH_ROWS = 1_000
FOLDS = 3
PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)
SCALES = (0.25, 1.0, 4.0)


def identifiability(study: "Study") -> list[Result]:
    """R^2 of predicting each factor from each block (all codes without blocks).

    Kernel ridge regression with a Gaussian kernel, penalty and width by 3-fold
    cross-validation (of originals, where rows are views) on 1,000 of at most 2,000 train rows,
    scored on test rows; beside it a linear ridge.  A categorical factor is predicted as
    indicators of its values.  The value is the mean over factors of the R^2 from the factor's
    own block, or from its best one where no block bears its name.

    Source: von Kugelgen et al. 2021, section 5.
    """
    sample, train = study.sample, study.split[0]
    units = sample.units if sample.blocks is not None else [np.arange(sample.codes.shape[1])]
    some = study.rng("identifiability").permutation(train)[:KERNEL_ROWS]
    kernel = study.on_test_rows([_unit_scorers(study, unit, some, True) for unit in units])
    linear = study.on_test_rows([_unit_scorers(study, unit, train, False) for unit in units])
    chosen = _own_units(study, kernel[0])
    values = kernel[:, chosen, np.arange(len(chosen))].mean(axis=1)
    parts = {"r_squared": kernel[0], "linear_r_squared": linear[0], "unit_of_factor": chosen}
    details = {"estimator": "kernel ridge, Gaussian", "train": len(some)}
    name, bounds = "identifiability", (-np.inf, 1)
    return [study.held_out(name, values, parts, KUGELGEN, bounds, **details)]


def _own_units(study, table):
    if study.sample.blocks is None:
        return np.zeros(table.shape[1], np.int64)
    names = study.sample.unit_names
    own = [study.own.get(factor.name) for factor in study.sample.factors]
    best = table.argmax(axis=0)
    return np.array([best[k] if name is None else names.index(name) for k, name in enumerate(own)])


def _unit_scorers(study, columns, rows, kernel):
    codes, test = study.sample.codes[:, columns], study.split[1]
    codes = codes - codes[rows].mean(axis=0)
    codes = codes / max(np.sqrt(np.square(codes[rows]).mean()), 1e-300)
    targets = [targets_of(factor) for factor in study.sample.factors]
    together = np.hstack(targets)
    if kernel:
        model = _kernel_ridge(codes[rows], together[rows], study.sample.source_of(rows))
    else:
        model = Ridge(alpha=0.001 * len(rows))
    predicted = model.fit(codes[rows], together[rows]).predict(codes[test])
    parts = split_targets(predicted.reshape(len(test), -1), targets)
    return [
        functools.partial(r_squared, target[test], part)
        for target, part in zip(targets, parts, strict=True)
    ]


def _kernel_ridge(codes, targets, source):
    some = codes[:500]
    distance = np.median(pairwise_distances(some)[np.triu_indices(len(some), 1)])
    gamma = 0.5 / (distance**2 if distance > 0 else 1.0)
    grid = {"alpha": PENALTIES, "gamma": [gamma * scale for scale in SCALES]}
    codes, targets = codes[:SEARCH_ROWS], targets[:SEARCH_ROWS]
    parts = folds(len(codes), FOLDS, None if source is None else source[:SEARCH_ROWS])
    search = GridSearchCV(KernelRidge(kernel="rbf"), grid, cv=parts, scoring="r2", refit=False)
    search.fit(codes, targets)
    return KernelRidge(kernel="rbf", **search.best_params_)
