"""Along which directions of a representation pairs agree, and how far."""

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError

# A direction that keeps less of its spread within pairs tells next to nothing of the factor.
LEAST_CORRELATION = 0.1
# The largest of chance's correlations is as large as the smallest, give or take this much.
_MARGIN = 1.25
# Of the largest variance: below it a direction is rounding.
_ROUNDING = 1e-10


def shared_correlations(
    z_a: np.ndarray, z_b: np.ndarray, covariance: np.ndarray | None = None
) -> np.ndarray:
    """How far the two members of pairs agree along each of the directions that suit them best.

    The eigenvalues of `C^-1/2 S C^-1/2`: C the covariance of the representation, S that of the
    two members with each other, made symmetric because they are exchangeable.  One is 1 where two
    members always agree, and 0 where they are strangers.  Chance makes some of them negative, and
    as many positive: `-correlations[-1]` is what chance reaches.

    Args:
      z_a: float [B, N], one member of each pair.
      z_b: float [B, N], the other.
      covariance: [N, N] of the representation, its noise included; None for that of the pairs.

    Returns:
      float64 [M], in falling order, M <= N the directions that vary at all.

    Raises:
      InputError: shapes that do not fit, or a representation that is constant.
    """
    z_a, z_b = checks.real_array(z_a, "z_a"), checks.real_array(z_b, "z_b")
    if z_a.ndim != 2 or z_a.shape != z_b.shape or len(z_a) < 2:
        raise InputError(
            f"z_a has shape {z_a.shape} and z_b {z_b.shape}; give two equal [B, N], B of 2 or more"
        )
    both = np.concatenate([z_a, z_b]).astype(np.float64)
    mean = both.mean(axis=0)
    if covariance is None:
        covariance = np.cov(both, rowvar=False, bias=True)
    variances, axes = np.linalg.eigh(np.atleast_2d(covariance))
    varies = variances > _ROUNDING * variances[-1]
    if not varies.any():
        raise InputError("z is constant over all pairs; give a representation that varies")
    white = axes[:, varies] / np.sqrt(variances[varies])
    a, b = (z_a - mean) @ white, (z_b - mean) @ white
    within = a.T @ b / len(a)
    return np.linalg.eigvalsh((within + within.T) / 2)[::-1]


def count_shared(correlations: np.ndarray) -> int:
    """How many of these directions are shared by more than chance, and by enough to matter.

    Args:
      correlations: as `shared_correlations` gives them.
    """
    return int((correlations > max(LEAST_CORRELATION, -_MARGIN * correlations[-1])).sum())


def size_for(directions: int) -> int:
    """A block's size for that many directions: half as many again, and two.

    The flow bends them; a block of just their number learns slower.
    """
    return directions + -(-directions // 2) + 2
