"""Plug-in information between discretised codes and factors."""

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import xlogy
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

from iin_tf.measures.discretise import discrete_levels, equal_width
from iin_tf.measures.scores import standardised
from iin_tf.statistics import HalfSamples, subsampled

if TYPE_CHECKING:
    from iin_tf.measures.study import Study


@dataclasses.dataclass(frozen=True)
class Information:
    """Information of U units about K factors in nats; replicates follow the estimate.

    Attributes:
      matrix: I(unit; factor), [1 + R, U, K].
      factor_entropy: H(factor), [1 + R, K].
      unit_entropy: H(unit) of the discretised unit, [1 + R, U]; None where a unit is a block.
      replicates: how they were made: "halves", "held_out" or "refits", the `Study`'s methods.
      details: estimator and sizes, for the protocol.
    """

    matrix: np.ndarray
    factor_entropy: np.ndarray
    unit_entropy: np.ndarray | None
    replicates: str
    details: dict

    @property
    def bias(self) -> np.ndarray:
        """Estimated bias of the matrix: half-samples' mean minus the estimate, [U, K]."""
        return self.matrix[1:].mean(axis=0) - self.matrix[0]


def entropy_of_counts(counts: np.ndarray) -> np.ndarray:
    """Entropy in nats of counts along the last axis."""
    total = counts.sum(axis=-1)
    return np.log(total) - xlogy(counts, counts).sum(axis=-1) / total


def share_of(information: np.ndarray, entropy: np.ndarray) -> np.ndarray:
    """Information [..., U, K] over the factors' entropy [..., K]; 0 where there is none.

    A factor has no entropy where a half-sample, or the bins, leave it one value.
    """
    entropy = entropy[..., None, :]
    return np.where(entropy > 0, information / np.where(entropy > 0, entropy, 1), 0.0)


def information_table(
    codes: np.ndarray, bins: int, levels: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Plug-in I(code; factor) of each discretised code, and both entropies.

    I = H(code) + H(factor) - H(code, factor), in nats, from the contingency table.

    Args:
      codes: bin indices [n, N].
      bins: number of bins.
      levels: the factor's levels [n].
      count: number of levels.

    Returns:
      (I [N], H(code) [N], H(factor) [1]).
    """
    width = codes.shape[1]
    cell = (np.arange(width) * bins + codes) * count + levels[:, None]
    joint = np.bincount(cell.ravel(), minlength=width * bins * count)
    joint = joint.reshape(width, bins, count).astype(np.float64)
    code_entropy = entropy_of_counts(joint.sum(axis=2))
    factor_entropy = entropy_of_counts(joint[:1].sum(axis=1))
    joint_entropy = entropy_of_counts(joint.reshape(width, -1))
    information = code_entropy + factor_entropy - joint_entropy
    # Rounding leaves about 1e-16 where a dead code has exactly none.
    return np.where(information < 1e-12, 0.0, information), code_entropy, factor_entropy


def histogram_information(study: "Study") -> Information:
    """Plug-in information with equal-width bins, replicated on half-samples.

    Source: Locatello et al. 2019 (arXiv 1811.12359), appendix: 20 equal-width bins a code.
    """
    sample, rows, protocol = study.sample, study.rows, study.protocol
    codes = equal_width(sample.codes[rows], protocol.bins)
    factors = [discrete_levels(factor, protocol.bins) for factor in sample.factors]
    factors = [(levels[rows], count) for levels, count in factors]
    width = codes.shape[1]

    def tables(chosen):
        # Of each factor: information of all codes, then their entropies, then its own.
        return [
            np.concatenate(information_table(codes[chosen], protocol.bins, levels[chosen], count))
            for levels, count in factors
        ]

    found = subsampled(tables, study.halves("information", rows))
    return Information(
        np.swapaxes(found[..., :width], 1, 2),
        found[..., -1],
        found[:, 0, width:-1],
        replicates="halves",
        details={"estimator": "histogram", "bins": protocol.bins, "train": len(rows)},
    )


def neighbour_information(study: "Study", neighbours: int = 10) -> Information:
    """Nearest-neighbour information of continuous codes, replicated on `refits` half-samples.

    A continuous factor's entropy is its information about itself by the same estimator.

    Source: Kraskov et al. 2004 and Ross 2014 as in scikit-learn; 10 neighbours on standardised
    codes, and the entropy of continuous factors, as in the InfoMEC authors' code.
    """
    sample, rows, rng = study.sample, study.rows, study.rng("neighbours")
    codes, seed = sample.codes[rows], int(rng.integers(2**31))
    codes = standardised(codes)
    settings = {"n_neighbors": neighbours, "random_state": seed, "discrete_features": False}

    def tables(chosen):
        return [
            _neighbour_table(codes[chosen], factor, rows[chosen], settings)
            for factor in sample.factors
        ]

    halves = HalfSamples(len(rows), study.protocol.refits, rng, sample.source_of(rows))
    found = subsampled(tables, halves)
    matrix, factor_entropy = np.swapaxes(found[..., :-1], 1, 2), found[..., -1]
    details = {"estimator": "nearest_neighbours", "neighbours": neighbours, "train": len(rows)}
    return Information(matrix, factor_entropy, None, "refits", details)


def _neighbour_table(codes, factor, rows, settings):
    """Information of every code about a factor, and the factor's entropy: [N + 1]."""
    estimate = mutual_info_regression if factor.continuous else mutual_info_classif
    target = (factor.numbers if factor.continuous else factor.levels)[rows]
    if factor.continuous:
        entropy = estimate(target[:, None], target, **settings)[0]
    else:
        entropy = entropy_of_counts(np.bincount(target).astype(np.float64))
    return np.append(estimate(codes, target, **settings), entropy)
