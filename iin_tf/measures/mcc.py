"""MCC: mean correlation coefficient after matching, strong and weak."""

from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg, stats
from scipy.optimize import linear_sum_assignment

from iin_tf.measures.scores import squared_correlation, standardised, weighted_mean
from iin_tf.results import Result
from iin_tf.statistics import resampled, subsampled

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

STRONG = "Hyvarinen & Morioka 2016, arXiv 1605.06336; Khemakhem et al. 2020, arXiv 1907.04809"
WEAK = "Khemakhem et al. 2020, arXiv 2002.11537, section on weak MCC; Roeder et al. 2021"


def matched_mean(correlation: np.ndarray) -> tuple[float, np.ndarray]:
    """(Mean of |correlation| over the best one-to-one matching, unit of each factor).

    Args:
      correlation: [U, K].

    Returns:
      (mean over the K factors, [K] with -1 where units ran out; these count 0).
    """
    size = np.abs(correlation)
    units, factors = linear_sum_assignment(-size)
    partner = np.full(size.shape[1], -1)
    partner[factors] = units
    return float(size[units, factors].sum() / size.shape[1]), partner


def canonical_map(
    codes: np.ndarray, numbers: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Linear maps that make codes and numbers most correlated, with their means removed.

    Classical canonical correlation analysis by two decompositions and an SVD; directions that do
    not vary are dropped.

    Args:
      codes: [n, N].
      numbers: [n, K].

    Returns:
      (A [N, r], B [K, r], r canonical correlations), r the smaller rank.

    Source: Bjorck & Golub 1973.
    """
    left, left_map = _whiten(codes)
    right, right_map = _whiten(numbers)
    u, s, v = linalg.svd(left.T @ right, full_matrices=False)
    return left_map @ u, right_map @ v.T, s


def mcc(study: "Study") -> list[Result]:
    """Strong MCC (matching only) and weak MCC (after a linear map fitted on train rows).

    Numbers of categorical factors are used as they stand.  By block, the strong MCC takes
    the multiple correlation of a block with a factor, which rotations inside it keep; the
    weak one reads all codes and does not depend on blocks.

    Source: Hyvarinen & Morioka 2016; Khemakhem et al. 2020.
    """
    return [_strong(study), _weak(study)]


def _strong(study: "Study") -> Result:
    codes, numbers = study.sample.codes[study.rows], _numbers(study)[study.rows]
    table = _correlations(study.sample, codes, numbers)
    values = subsampled(
        lambda draw: matched_mean(_correlations(study.sample, codes[draw], numbers[draw]))[0],
        study.halves("mcc", study.rows),
    )
    parts = {"correlation": table, "unit_of_factor": matched_mean(table)[1]}
    if study.sample.blocks is None:
        ranks = stats.rankdata(codes, axis=0), stats.rankdata(numbers, axis=0)
        parts["spearman"] = matched_mean(_correlations(study.sample, *ranks))[0]
    return study.halved("mcc/strong", values, parts, STRONG, (0, 1), train=len(codes))


def _weak(study: "Study") -> Result:
    train, test = study.split
    codes, numbers = standardised(study.sample.codes), standardised(_numbers(study))
    left, right, fitted = canonical_map(codes[train], numbers[train])
    pairs = codes[test] @ left, numbers[test] @ right

    def score(weights):
        return _paired_correlation(*pairs, weights).sum(axis=1) / numbers.shape[1]

    values, parts = resampled(score, study.bootstrap), {"train_correlations": fitted}
    return study.held_out("mcc/weak", values, parts, WEAK, (0, 1), estimator="CCA, closed form")


def _numbers(study: "Study") -> np.ndarray:
    return np.stack([factor.numbers for factor in study.sample.factors], axis=1)


def _correlations(sample, codes, numbers):
    if sample.blocks is None:
        ones = np.ones((1, len(codes)))
        return np.sqrt(
            np.stack([squared_correlation(codes, y, ones)[0] for y in numbers.T], axis=1)
        )
    scaled = standardised(numbers)
    table = []
    for columns in sample.units:
        basis = _whiten(codes[:, columns])[0]
        told = np.square(basis.T @ scaled).sum(axis=0) / len(scaled)
        table.append(np.sqrt(np.minimum(told, 1)))
    return np.stack(table)


def _whiten(values):
    centred = values - values.mean(axis=0)
    u, s, v = linalg.svd(centred, full_matrices=False)
    keep = s > 1e-10 * max(s.max(), 1e-300)
    return u[:, keep], v[keep].T / s[keep]


def _paired_correlation(left, right, weights):
    left, right = standardised(left), standardised(right)
    mean_left, mean_right = weighted_mean(left, weights), weighted_mean(right, weights)
    covariance = weighted_mean(left * right, weights) - mean_left * mean_right
    left_variance = weighted_mean(left**2, weights) - mean_left**2
    right_variance = weighted_mean(right**2, weights) - mean_right**2
    scale = np.sqrt(np.maximum(left_variance * right_variance, 0))
    return np.where(scale > 1e-12, np.abs(covariance) / np.maximum(scale, 1e-300), 0)
