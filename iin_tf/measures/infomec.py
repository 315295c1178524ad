"""InfoMEC: modularity, compactness and explicitness from information."""

import functools
import warnings
from typing import TYPE_CHECKING

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from iin_tf.measures.information import Information, neighbour_information, share_of
from iin_tf.measures.sample import Sample
from iin_tf.measures.scores import linear_r_squared, weighted_mean
from iin_tf.measures.units import deviations, quantile_of
from iin_tf.results import Result

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

HSU = "Hsu et al. 2023, arXiv 2305.18378, section 4 (InfoMEC)"
# A unit that spreads at most this share of the widest one counts as inactive.
INACTIVE = 1 / 20
# How much of the rows a unit's spread covers.
SPREAD = 0.99


def infom_of(shares: np.ndarray, active: np.ndarray) -> np.ndarray:
    """InfoM: mean over active units of (max_k / sum_k - 1/K) / (1 - 1/K).

    Args:
      shares: I(unit; factor) / H(factor), [..., U, K].
      active: bool [U].

    Returns:
      [...]; 0 with no active unit; a unit without any information counts 0; with one factor
      an informative unit counts 1.
    """
    return _concentration(shares[..., active, :])


def infoc_of(shares: np.ndarray, active: np.ndarray) -> np.ndarray:
    """InfoC: the same over factors, sums and maxima taken over active units, [...].

    With one active unit, a factor that it informs about is compact: 1.
    """
    return _concentration(np.swapaxes(shares[..., active, :], -1, -2))


def infomec(study: "Study") -> list[Result]:
    """InfoM, InfoC and InfoE.

    InfoE differs from the authors' code in being held out: they score the fitted rows.

    Source: Hsu et al. 2023, section 4.
    """
    found = _information(study)
    shares = share_of(found.matrix, found.factor_entropy)
    active = active_units(study.sample)
    parts = {"information_share": shares[0], "active": active}
    measures = []
    for name, score in (("infom", infom_of), ("infoc", infoc_of)):
        values = score(shares, active)
        measures.append(study.of_information(f"infomec/{name}", values, parts, HSU, found))
    return [*measures, infoe(study, active)]


def infoe(study: "Study", active: np.ndarray) -> Result:
    """InfoE: mean over factors of 1 - H(factor | codes) / H(factor) of a linear read-out.

    Entropies are held-out cross-entropies of an unpenalised logistic regression with
    balanced classes; for continuous factors R^2 of a linear regression.
    """
    scores = study.on_test_rows([_explained(study, factor) for factor in study.sample.factors])
    scores = scores if active.any() else np.zeros_like(scores)
    parts = {"scores": scores[0], "active": active}
    name, values, bounds = "infomec/infoe", scores.mean(axis=1), (-np.inf, 1)
    details = {"estimator": "unpenalised linear read-out"}
    return study.held_out(name, values, parts, HSU, bounds, **details)


def active_units(sample: Sample) -> np.ndarray:
    """Which units count, bool [U]: all that spread a twentieth of the widest, but "residual".

    A unit's spread is the distance from its mean that 99 % of the rows keep, over the root of its
    dimensions.  The authors' code takes the whole range, which one outlier decides.

    Source: Hsu et al. 2023, infomec.py of their repository, for the twentieth.
    """
    distances = deviations(sample.codes, sample.units, sample.codes.mean(axis=0))
    dimensions = np.array([len(unit) for unit in sample.units])
    size = quantile_of(distances, SPREAD) / np.sqrt(dimensions)
    return (size > INACTIVE * size.max()) & sample.representing


def _concentration(shares):
    if 0 in shares.shape[-2:]:
        return np.zeros(shares.shape[:-2])
    total, width = shares.sum(axis=-1), shares.shape[-1]
    ratio = shares.max(axis=-1) / np.where(total > 0, total, 1)
    scaled = (ratio - 1 / width) / (1 - 1 / width) if width > 1 else ratio
    return np.where(total > 0, scaled, 0.0).mean(axis=-1)


def _information(study: "Study") -> Information:
    if study.protocol.information == "histogram" or study.sample.blocks is not None:
        return study.information
    return neighbour_information(study)


def _explained(study, factor):
    """Explained share of a factor on test rows, a function of weights."""
    (train, test), codes = study.split, study.sample.codes
    if factor.continuous:
        return linear_r_squared(codes, factor.numbers, study.split)
    spread = codes[train].std(axis=0)
    if study.sample.blocks is not None:
        # One number for all codes: the steps of the fit then commute with rotations.
        spread = np.full_like(spread, np.sqrt(np.square(spread).mean()))
    features = (codes - codes[train].mean(axis=0)) / np.where(spread > 0, spread, 1)
    model = LogisticRegression(C=np.inf, class_weight="balanced", max_iter=100)
    loss = _cross_entropy(model, features, factor.levels, train, test)
    null = _cross_entropy(model, np.zeros((len(codes), 1)), factor.levels, train, test)
    return functools.partial(_reduction, loss, null)


def _reduction(loss, null, weights):
    null = weighted_mean(null, weights)
    return np.where(null > 0, 1 - weighted_mean(loss, weights) / np.where(null > 0, null, 1), 0.0)


def _cross_entropy(model, features, levels, train, test):
    # 100 iterations, as in the authors' code: codes that separate the values perfectly have
    # no finite optimum, so the solver's complaint says nothing.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(features[train], levels[train])
    chosen = np.arange(len(test)), np.searchsorted(model.classes_, levels[test])
    # One row must not make the mean infinite: probabilities end at the float32 epsilon.
    return -np.log(np.clip(model.predict_proba(features[test])[chosen], 1.2e-7, 1))
