"""How large each block of the factorised representation should be."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy.special

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.factors import FactorLayout, check_factor_names

ROUNDINGS = ("largest_remainder", "truncation")


def estimate_factor_sizes(
    z_a: Any,
    z_b: Any,
    shared: Any,
    names: Iterable[str],
    rounding: str = "largest_remainder",
) -> FactorLayout:
    """Sizes for the blocks, by how much of the representation each factor explains.

    The score of F is `s_F = trace Cov(z_a, z_b | F) / trace Cov(z)` over the pairs that
    share F alone, the residual's is 1, and `N_k = N softmax(s)_k`.  Estimate on
    posterior means: samples would count the encoder's noise as variance.

    Args:
      z_a: float [B, N], the first members of the pairs.
      z_b: float [B, N], the second members.
      shared: int [B], the block that each pair shares (-1: none); bool [B, K+1]; or float
        [B, K+1], correlations in [0, 1), of which those above 0 are shared.
      names: the K factor names, in the order of the blocks 1 .. K.
      rounding: "largest_remainder", or the published code's "truncation", which rounds
        the factors down and leaves the rest to the residual.

    Returns:
      FactorLayout whose sizes sum to N, each at least 1.

    Raises:
      InputError: shapes do not fit, a value is not finite, a factor has fewer than two
        pairs of its own, the representation is constant, or N < K + 1.

    Source: Esser et al. (2020), section 3.2, divided by the total variance as in the
    published code: the sums themselves would leave everything to the residual.
    """
    z_a, z_b = checks.real_array(z_a, "z_a"), checks.real_array(z_b, "z_b")
    shared = checks.real_array(shared, "shared")
    check_factor_names(names)
    names = list(names)
    _check_pairs(z_a, z_b)
    alone = _shares_alone(shared, len(z_a), len(names))
    checks.choice(rounding, "rounding", ROUNDINGS)
    if z_a.shape[1] <= len(names):
        raise InputError(
            f"z has {z_a.shape[1]} columns, too few for {len(names)} factors and a residual; "
            "name fewer"
        )
    variance = np.concatenate([z_a, z_b]).var(axis=0, dtype=np.float64).sum()
    # Equal numbers may leave a variance above zero: their mean is rounded.
    if not np.ptp(np.concatenate([z_a, z_b]), axis=0).any():
        raise InputError("z is constant over all pairs; give a representation that varies")
    scores = [1.0]
    for block, name in enumerate(names, start=1):
        rows = alone[:, block]
        if rows.sum() < 2:
            raise InputError(
                f"factor {name!r} has {rows.sum()} pairs that share it alone; give at least 2"
            )
        scores.append(_trace_covariance(z_a[rows], z_b[rows]) / variance)
    sizes = _whole_sizes(z_a.shape[1] * scipy.special.softmax(scores), rounding)
    return FactorLayout(dict(zip(names, sizes[1:], strict=True)), residual=sizes[0])


def _check_pairs(z_a, z_b):
    if z_a.ndim != 2 or z_a.shape != z_b.shape or not len(z_a):
        raise InputError(
            f"z_a has shape {z_a.shape} and z_b {z_b.shape}; give two equal, non-empty [B, N]"
        )
    for argument, z in (("z_a", z_a), ("z_b", z_b)):
        bad = np.flatnonzero(~np.isfinite(z).all(axis=1))
        if bad.size:
            raise InputError(f"{argument}: row {bad[0]} is not finite; drop or mend it")


def _shares_alone(shared, pairs, factors):
    """Bool [B, K+1]: whether a pair shares this block and no other."""
    if shared.dtype.kind in "iu" and shared.shape == (pairs,):
        if shared.size and (shared.min() < -1 or shared.max() > factors):
            raise InputError(
                f"shared reaches from {shared.min()} to {shared.max()}; give blocks -1 .. {factors}"
            )
        return shared[:, None] == np.arange(factors + 1)
    if shared.dtype.kind not in "bf" or shared.shape != (pairs, factors + 1):
        raise InputError(
            f"shared has dtype {shared.dtype} and shape {shared.shape}; give int [{pairs}], or "
            f"bool or float [{pairs}, {factors + 1}]"
        )
    if shared.dtype.kind == "f" and not ((shared >= 0) & (shared < 1)).all():
        raise InputError("shared holds correlations outside [0, 1); give numbers inside")
    shared = shared > 0
    return shared & (shared.sum(axis=1, keepdims=True) == 1)


def _trace_covariance(z_a, z_b):
    # The two members are exchangeable, so they have one mean.
    mean = np.concatenate([z_a, z_b]).mean(axis=0, dtype=np.float64)
    return ((z_a - mean) * (z_b - mean)).mean(axis=0).sum()


def _whole_sizes(sizes, rounding):
    """Whole sizes with the same sum, each at least 1."""
    total = round(float(sizes.sum()))
    whole = np.floor(sizes).astype(int)
    if rounding == "truncation":
        whole[0] += total - whole.sum()
    else:
        by_remainder = np.argsort(-(sizes - whole), kind="stable")
        whole[by_remainder[: total - whole.sum()]] += 1
    while whole.min() < 1:
        whole[whole.argmax()] -= 1
        whole[whole.argmin()] += 1
    return [int(size) for size in whole]
