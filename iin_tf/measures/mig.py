"""MIG, MIG-sup and JEMMIG: gaps of mutual information."""

from typing import TYPE_CHECKING, cast

import numpy as np

from iin_tf.measures.information import share_of
from iin_tf.results import Result

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

CHEN = "Chen et al. 2018, arXiv 1802.04942, equation 6"
LI = "Li et al. 2020, arXiv 2002.10549, section 5 (MIG-sup)"
DO = "Do & Tran 2020, arXiv 1908.09961, section on JEMMIG"


def information_gap(matrix: np.ndarray, entropy: np.ndarray) -> np.ndarray:
    """MIG of each factor: (I of the best unit - I of the second) / H(factor).

    Args:
      matrix: I(unit; factor), [..., U, K].
      entropy: H(factor), [..., K].

    Returns:
      [..., K]; with one unit the second best is zero.

    Source: Chen et al. 2018, equation 6.
    """
    ranked = np.sort(share_of(matrix, entropy), axis=-2)
    second = ranked[..., -2, :] if matrix.shape[-2] > 1 else 0.0
    return ranked[..., -1, :] - second


def supervised_gap(matrix: np.ndarray, entropy: np.ndarray) -> np.ndarray:
    """MIG-sup of each unit: the gap between its best and second best factor, [..., U].

    Information is divided by H(factor) first; with one factor the second best is zero.

    Source: Li et al. 2020, section 5.
    """
    ranked = np.sort(share_of(matrix, entropy), axis=-1)
    second = ranked[..., -2] if matrix.shape[-1] > 1 else 0.0
    return ranked[..., -1] - second


def joint_entropy_gap(
    matrix: np.ndarray, factor_entropy: np.ndarray, unit_entropy: np.ndarray
) -> np.ndarray:
    """JEMMIG of each factor in nats: H(z*, y) - I(z*; y) + I(z'; y), [..., K].

    z* is the factor's best unit and z' its second best: 0 when z* is y and nothing else
    knows y, H(y) + log(bins) at worst.

    Source: Do & Tran 2020.
    """
    best = matrix.argmax(axis=-2)
    gap = information_gap(matrix, np.ones_like(factor_entropy))
    information = matrix.max(axis=-2)
    joint = np.take_along_axis(unit_entropy, best, axis=-1) + factor_entropy - information
    return joint - gap


def mig(study: "Study") -> list[Result]:
    """Mutual information gap, the mean over factors.

    Source: Chen et al. 2018, equation 6.
    """
    found = study.information
    gaps = information_gap(found.matrix, found.factor_entropy)
    parts = {**_tables(found), "gaps": gaps[0]}
    values = gaps.mean(axis=-1)
    return [study.of_information("mig", values, parts, CHEN, found)]


def mig_sup(study: "Study") -> list[Result]:
    """MIG-sup, the mean over units, dead ones included.

    A block named "residual" stands for no factor and is left out of the mean.

    Source: Li et al. 2020, section 5.
    """
    found = study.information
    gaps = supervised_gap(found.matrix, found.factor_entropy)
    parts = {**_tables(found), "gaps": gaps[0]}
    values = gaps[:, study.sample.representing].mean(axis=-1)
    return [study.of_information("mig_sup", values, parts, LI, found)]


def jemmig(study: "Study") -> list[Result]:
    """JEMMIG in [0, 1], 1 best: 1 - JEMMIG / (H(y) + log(bins)), the mean over factors."""
    found = study.information
    # Of codes alone, whose entropies are known; blocks have none.
    unit_entropy = cast(np.ndarray, found.unit_entropy)
    raw = joint_entropy_gap(found.matrix, found.factor_entropy, unit_entropy)
    scores = 1 - raw / (found.factor_entropy + np.log(study.protocol.bins))
    parts = {**_tables(found), "nats": raw[0], "scores": scores[0]}
    values = scores.mean(axis=-1)
    return [study.of_information("jemmig", values, parts, DO, found)]


def _tables(found):
    return {
        "information": found.matrix[0],
        "information_bias": found.bias,
        "factor_entropy": found.factor_entropy[0],
    }
