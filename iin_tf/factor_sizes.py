"""How large each block of the factorised representation should be."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy.special

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.factors import FactorLayout, check_factor_names
from iin_tf.shared_directions import count_shared, shared_correlations, size_for

METHODS = ("variance", "directions")
ROUNDINGS = ("largest_remainder", "truncation")


def estimate_factor_sizes(
    z_a: Any,
    z_b: Any,
    shared: Any,
    names: Iterable[str],
    rounding: str = "largest_remainder",
    method: str = "variance",
    noise: Any = None,
) -> FactorLayout:
    """Sizes for the blocks, by how much of the representation each factor explains.

    By "variance", as published: the score of F is `s_F = trace Cov(z_a, z_b | F) / trace Cov(z)`
    over the pairs that share F alone, the residual's is 1, and `N_k = N softmax(s)_k`.  Estimate
    on posterior means: samples would count the encoder's noise as variance.  Where N is large,
    these sizes are nearly equal whatever the factors are.

    By "directions": the number of directions r along which pairs of F agree by more than chance
    (see `iin_tf.shared_directions`), half as many again, and two.  They are cut down together
    where they would take more than two thirds of N.

    Args:
      z_a: float [B, N], the first members of the pairs.
      z_b: float [B, N], the second members.
      shared: int [B], the block that each pair shares (-1: none); bool [B, K+1]; or float
        [B, K+1], correlations in [0, 1), of which those above 0 are shared.
      names: the K factor names, in the order of the blocks 1 .. K.
      rounding: "largest_remainder", or the published code's "truncation", which rounds
        the factors down and leaves the rest to the residual; of "variance" alone.
      method: "variance" or "directions".
      noise: float [N], variances of the noise that the network will see on the rows; of
        "directions", which it hides.  None for none.

    Returns:
      FactorLayout whose sizes sum to N, each at least 1.

    Raises:
      InputError: shapes do not fit, a value is not finite, a factor has fewer than two
        pairs of its own, the representation is constant, or N < K + 1; by "directions", also a
        representation with no more directions above its noise than there are factors.

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
    checks.choice(method, "method", METHODS)
    # Equal numbers may leave a variance above zero: their mean is rounded.
    if not np.ptp(np.concatenate([z_a, z_b]), axis=0).any():
        raise InputError("z is constant over all pairs; give a representation that varies")
    for block, name in enumerate(names, start=1):
        if alone[:, block].sum() < 2:
            raise InputError(
                f"factor {name!r} has {alone[:, block].sum()} pairs that share it alone; give at "
                "least 2"
            )
    by_factor = [(z_a[rows], z_b[rows]) for rows in alone.T[1:]]
    both = np.concatenate([z_a, z_b])
    if method == "directions":
        sizes = _by_directions(both, by_factor, noise)
    else:
        variance = both.var(axis=0, dtype=np.float64).sum()
        scores = [1.0, *(_trace_covariance(*pairs) / variance for pairs in by_factor)]
        sizes = _whole_sizes(z_a.shape[1] * scipy.special.softmax(scores), rounding)
    return FactorLayout(dict(zip(names, sizes[1:], strict=True)), residual=sizes[0])


def _by_directions(z, by_factor, noise):
    """The residual's size and the factors', by how many directions each needs."""
    size = z.shape[1]
    covariance = np.cov(z, rowvar=False, bias=True)
    if noise is not None:
        noise = checks.real_array(noise, "noise").astype(np.float64)
        if noise.shape != (size,) or not (np.isfinite(noise) & (noise >= 0)).all():
            raise InputError(f"noise is {checks.shown(noise)}; give [{size}] variances")
        check_directions(covariance, noise, len(by_factor))
        covariance = covariance + np.diag(noise)
    found = [shared_correlations(z_a, z_b, covariance) for z_a, z_b in by_factor]
    wanted = [size_for(count_shared(correlations)) for correlations in found]
    most = 2 * size // 3
    if sum(wanted) > most:
        wanted = [max(1, w * most // sum(wanted)) for w in wanted]
    return [size - sum(wanted), *wanted]


def check_directions(covariance: np.ndarray, noise: np.ndarray, factors: int) -> None:
    """Raises InputError unless more directions rise above the noise than there are factors.

    Args:
      covariance: [N, N] of the representation without its noise.
      noise: [N], variances of the noise.
      factors: K.
    """
    scale = 1 / np.sqrt(np.maximum(noise, np.finfo(float).tiny))
    above = int((np.linalg.eigvalsh(covariance * scale * scale[:, None]) > 1).sum())
    if above <= factors:
        raise InputError(
            f"the representation has {above} directions above its noise, too few for {factors} "
            "factors and a residual; give less noise, or name fewer factors"
        )


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
