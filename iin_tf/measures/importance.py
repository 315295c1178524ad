"""Importance of each code, or block, for each factor."""

import dataclasses
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from iin_tf.measures.block_information import read_out_information
from iin_tf.measures.estimators import (
    NOTES,
    fit,
    importances_of,
    target_of,
)
from iin_tf.measures.information import share_of
from iin_tf.measures.scores import prediction_score

if TYPE_CHECKING:
    from iin_tf.measures.study import Study


@dataclasses.dataclass(frozen=True)
class Importance:
    """Importance of U units for K factors.

    Attributes:
      matrix: non-negative, [1 + R, U, K]; the estimate, then its replicates.
      told: share of H(factor) that all blocks together tell, [1 + R, K]; None for codes,
        whose replicates are new fits on half-samples instead of resampled test rows.
      parts: further matrices to report.
      details: for the protocol.
    """

    matrix: np.ndarray
    told: np.ndarray | None
    parts: dict
    details: dict


@dataclasses.dataclass(frozen=True)
class Fits:
    """One fit a factor on the train rows.

    Attributes:
      models: fitted estimators, one a factor.
      test_prediction: list of [test], one a factor.
      train_prediction: list of [train], one a factor.
    """

    models: list
    test_prediction: list
    train_prediction: list


def fit_factors(study: "Study") -> Fits:
    """`Fits` of every factor from all codes by the protocol's estimator."""
    sample, (train, test) = study.sample, study.split
    name, seed = study.protocol.estimator, study.integer_seed("fits")
    models = [fit(name, factor, sample.codes, train, seed) for factor in sample.factors]
    return Fits(
        models,
        [model.predict(sample.codes[test]) for model in models],
        [model.predict(sample.codes[train]) for model in models],
    )


def code_importance(study: "Study") -> Importance:
    """Importances of single codes from the protocol's estimator."""
    sample, name = study.sample, study.protocol.estimator
    width, train = sample.codes.shape[1], study.split[0]
    matrices = [_stack(study.fits.models, width)]
    halves = study.halves("importance", train, study.protocol.refits)
    for seed, draw in enumerate(halves.draws()):
        models = [fit(name, factor, sample.codes, train[draw], seed) for factor in sample.factors]
        matrices.append(_stack(models, width))
    details = {"estimator": name, "estimator_note": NOTES[name], "train": len(train)}
    return Importance(np.stack(matrices), None, {}, details)


def block_importance(study: "Study") -> Importance:
    """Importances of whole blocks, from read-outs that a rotation inside blocks cannot change.

    Two importances of a block, as shares of H(factor): what the block alone tells, and what
    is lost when only this block is left out; importance is their mean, the first and last
    term of the Shapley value (and all of it for two blocks).  Without the only block nothing
    is left to read: all that it tells is lost.  A sum over dimensions would change under
    rotation.
    """
    blocks = study.sample.units
    everything = np.arange(study.sample.codes.shape[1])
    others = [np.setdiff1d(everything, block) for block in blocks] if len(blocks) > 1 else []
    found = read_out_information(study, [*blocks, *others, everything])
    share = share_of(found.matrix, found.factor_entropy)
    count = len(blocks)
    only = share[:, :count]
    lost = np.maximum(share[:, -1:] - share[:, count:-1], 0) if others else only
    parts = {"only_this_block": only[0], "without_this_block_lost": lost[0]}
    return Importance((only + lost) / 2, share[:, -1], parts, found.details)


def _stack(models, width):
    return np.stack([importances_of(model, width) for model in models], axis=1)


def held_out_scorers(study: "Study") -> list[Callable]:
    """Accuracy (R^2 for continuous factors) of each factor's fit, K functions of weights."""
    test = study.split[1]
    return [
        functools.partial(prediction_score, factor, target_of(factor)[test], prediction)
        for factor, prediction in zip(study.sample.factors, study.fits.test_prediction, strict=True)
    ]
