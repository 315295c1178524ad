"""Unsupervised scores: dependence among the units, no factors needed."""

from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg

from iin_tf.measures.discretise import equal_width
from iin_tf.measures.information import entropy_of_counts
from iin_tf.results import Result
from iin_tf.statistics import subsampled

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

LOCATELLO = "Locatello et al. 2019, arXiv 1811.12359, section on unsupervised scores"
# Eigenvalues under this share of the largest are a direction that holds nothing.
RANK = 1e-10


def gaussian_total_correlation(covariance: np.ndarray, units: list[np.ndarray]) -> float:
    """Total correlation of a Gaussian between units of its dimensions, in nats.

    1/2 (sum_u log det C_uu - log det C).  Dimensions that do not vary are left out; linear
    dependence across units gives infinity.  Rotations inside a unit do not change it.

    Args:
      covariance: C, [N, N].
      units: list of column indices that partition the dimensions.
    """
    alive = np.diag(covariance) > RANK * np.diag(covariance).max()
    units = [unit[alive[unit]] for unit in units]
    units = [unit for unit in units if len(unit)]
    if len(units) < 2:
        return 0.0
    everything = np.concatenate(units)
    spectrum = [_spectrum(covariance, unit) for unit in units]
    whole = _spectrum(covariance, everything)
    if len(whole) < sum(len(values) for values in spectrum):
        return np.inf
    return 0.5 * float(sum(np.log(values).sum() for values in spectrum) - np.log(whole).sum())


def gaussian_wasserstein_correlation(covariance: np.ndarray, units: list[np.ndarray]) -> float:
    """Squared 2-Wasserstein distance of a Gaussian from the product of its units.

    tr C + tr B - 2 tr (B^1/2 C B^1/2)^1/2 with B the block-diagonal part of C; in squared
    units of the codes.
    """
    blocks = np.zeros_like(covariance)
    for unit in units:
        blocks[np.ix_(unit, unit)] = covariance[np.ix_(unit, unit)]
    root = _root(blocks)
    cross = linalg.eigvalsh(root @ covariance @ root)
    return float(2 * np.trace(covariance) - 2 * np.sqrt(np.maximum(cross, 0)).sum())


def mean_pair_information(bins: np.ndarray, count: int) -> float:
    """Mean plug-in information over ordered pairs of discretised codes [n, N], in nats."""
    width = bins.shape[1]
    if width < 2:
        return 0.0
    # float32 counts are exact up to 16 million rows, and the product is twice as quick.
    indicator = np.zeros((len(bins), width * count), np.float32)
    indicator[np.arange(len(bins))[:, None], np.arange(width) * count + bins] = 1
    joint = (indicator.T @ indicator).astype(np.float64).reshape(width, count, width, count)
    joint = joint.transpose(0, 2, 1, 3).reshape(width, width, count * count)
    single = entropy_of_counts(indicator.reshape(len(bins), width, count).sum(0, np.float64))
    information = single[:, None] + single - entropy_of_counts(joint)
    return float((information.sum() - np.trace(information)) / (width * (width - 1)))


def gaussian_scores(study: "Study") -> list[Result]:
    """Total correlation, Wasserstein correlation (plain, and over tr C), pair information.

    Source: Locatello et al. 2019, section on unsupervised scores.
    """
    sample = study.sample
    codes = sample.codes[study.rows]
    values = subsampled(
        lambda draw: _covariance_scores(codes[draw], sample.units),
        study.halves("gaussian", study.rows),
    )
    names = ("total_correlation", "wasserstein_correlation", "wasserstein_correlation_norm")
    measures = [
        _finite_or_bare(study, f"gaussian/{name}", values[:, i], len(codes))
        for i, name in enumerate(names)
    ]
    return measures if sample.blocks is not None else [*measures, _pair_measure(study, codes)]


def _covariance_scores(codes, units):
    covariance = np.atleast_2d(np.cov(codes, rowvar=False))
    wasserstein = gaussian_wasserstein_correlation(covariance, units)
    trace = np.trace(covariance)
    scaled = wasserstein / trace if trace > 0 else 0.0
    return gaussian_total_correlation(covariance, units), wasserstein, scaled


def _finite_or_bare(study, name, values, rows):
    details = {"train": rows, "estimator": "Gaussian closed form on the sample covariance"}
    if np.isfinite(values).all():
        return study.halved(name, values, {}, LOCATELLO, (0, np.inf), **details)
    how = "none: the codes depend on each other linearly, the value is infinite"
    return study.measure(name, values[0], {}, LOCATELLO, None, how, **details)


def _pair_measure(study, codes):
    bins = equal_width(codes, study.protocol.bins)
    values = subsampled(
        lambda draw: mean_pair_information(bins[draw], study.protocol.bins),
        study.halves("pairs", study.rows, study.protocol.refits),
    )
    details = {"bins": study.protocol.bins, "train": len(codes), "estimator": "histogram"}
    name, bounds = "gaussian/mutual_information", (0, np.inf)
    return study.refitted(name, values, {}, LOCATELLO, bounds, **details)


def _spectrum(covariance, columns):
    values = linalg.eigvalsh(covariance[np.ix_(columns, columns)])
    return values[values > RANK * values.max()]


def _root(matrix):
    values, vectors = linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
