"""How strongly a shared block really correlates, on held-out pairs."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.audits.inputs import check_network, source_codes
from iin_tf.checks import InputError
from iin_tf.data.label_array import label_array
from iin_tf.models.correlation import CORRELATION_CAP
from iin_tf.results import Result, Results
from iin_tf.statistics import TwoWay, interval, means, resampled

if TYPE_CHECKING:
    from iin_tf.data import LatentStore
    from iin_tf.models.interpretation_network import InterpretationNetwork

_RESAMPLES = 1000


def correlation_metrics(
    network: "InterpretationNetwork", store: "LatentStore", sampler: Any, pairs: int, seed: int
) -> Results:
    """Rho of every factor by maximum likelihood on held-out pairs, with 95 % intervals.

    Args:
      network: InterpretationNetwork.
      store: LatentStore of held-out examples.
      sampler: sampler of pairs that share one factor each, over the store's examples; its
        factors may be some of the network's.
      pairs: number of pairs.
      seed: whole number, of posterior samples and resamples.

    Returns:
      `Results`: `correlation/F` with its interval (resampling the original examples),
      `correlation/F/network`, the network's own rho, and `correlation/F/at_cap`, 1 where a
      learned rho has reached the cap of 0.999 within a thousandth, else 0.

    Raises:
      InputError: a sampler of factors that the network does not have, or of which no pair was
        drawn.
    """
    check_network(network, "factors", "correlation")
    checks.whole(pairs, "pairs", 1)
    checks.whole(seed, "seed", 0)
    for factor in sampler.factors:
        checks.choice(factor, "a factor of the sampler", network.layout.factor_names)
    index_a, index_b, shared = sampler.draw(pairs, step=0)
    drawn = {f: shared[:, b].astype(bool) for b, f in enumerate(sampler.factors, start=1)}
    for factor, rows in drawn.items():
        if not rows.any():
            raise InputError(f"pairs is {pairs}, and none shares {factor!r}; draw more pairs")
    parts_a = network.factors(store.sample(index_a, seed, step=0))
    parts_b = network.factors(store.sample(index_b, seed, step=1))
    found = []
    for factor, rows in drawn.items():
        first, second = store.source[index_a[rows]], store.source[index_b[rows]]
        a, b = np.asarray(parts_a[factor])[rows], np.asarray(parts_b[factor])[rows]
        value, *ends = correlation_interval(a, b, first, second, seed)
        rho = float(np.asarray(network.correlation)[network.layout.index(factor)])
        at_cap = int(rho > CORRELATION_CAP - 1e-3)
        found += [
            Result("correlation/{factor}", {"factor": factor}, value, ends),
            Result("correlation/{factor}/network", {"factor": factor}, rho),
            Result("correlation/{factor}/at_cap", {"factor": factor}, at_cap),
        ]
    return Results(found)


def correlation_interval(
    a: ArrayLike, b: ArrayLike, first: ArrayLike, second: ArrayLike, seed: int = 0
) -> tuple[float, float, float]:
    """Maximum-likelihood rho of paired standard normal blocks, and its 95 % interval.

    Exactly 1 or -1 where b equals a or -a, as `maximum_likelihood_correlation` says.  The
    interval resamples the originals behind both members, two ways, as one takes part in many
    pairs.

    Args:
      a: float [P, n], the block of each first member.
      b: float [P, n], the block of each second member.
      first: whole numbers or texts [P], the original example behind each first member.
      second: the same of the second members.
      seed: whole number.

    Returns:
      Three floats: rho, low, high.

    Raises:
      InputError: blocks that are not two finite [P, n], or sources of another length.
    """
    checks.whole(seed, "seed", 0)
    a, b = _block(a, "a"), _block(b, "b")
    if a.shape != b.shape:
        raise InputError(f"a has shape {a.shape} and b {b.shape}; give two equal [P, n]")
    first, second = _members(first, second, len(a))
    statistics = np.stack(
        [
            np.mean(a * b, axis=1, dtype=np.float64),
            np.mean(0.5 * (a**2 + b**2), axis=1, dtype=np.float64),
        ],
        axis=1,
    )
    drawn = resampled(means(statistics), TwoWay(first, second, _RESAMPLES, seed))
    value, *replicates = (maximum_likelihood_correlation(*one) for one in drawn)
    return value, *interval(value, np.array(replicates), "percentile")


def _block(values: ArrayLike, argument: str) -> np.ndarray:
    values = checks.real_array(values, argument)
    checks.check_matrix(values, argument)
    if not values.size:
        raise InputError(f"{argument} has shape {values.shape}; give at least one pair, [P, n]")
    checks.check_finite_rows(values, argument)
    return values


def _members(first: ArrayLike, second: ArrayLike, pairs: int) -> tuple:
    """Sources of both members as whole numbers [P], equal where the sources are."""
    first, second = label_array(first, "first"), label_array(second, "second")
    texts = [values.dtype.kind in "US" for values in (first, second)]
    if first.shape != (pairs,) or second.shape != (pairs,) or texts[0] != texts[1]:
        raise InputError(
            f"first is {checks.shown(first)} and second {checks.shown(second)}; give the source "
            f"of each of {pairs} pairs, whole numbers or texts"
        )
    return tuple(np.split(source_codes(np.concatenate([first, second]), 2 * pairs), 2))


def maximum_likelihood_correlation(product: float, square: float) -> float:
    """The rho that maximises the paired Gaussian's likelihood, given its two statistics.

    With unit variances the derivative of the log-likelihood vanishes where
    `rho^3 - p rho^2 + (2 s - 1) rho - p = 0`, p the mean of a b, s the mean of (a^2 + b^2) / 2.
    Where |p| = s, that is b = a or b = -a, the likelihood grows without bound towards the sign
    of p: rho is then 1 or -1 (1 if both are zero).

    Args:
      product: p.
      square: s.

    Returns:
      rho in [-1, 1].
    """
    # So close to the end the root is sign(p) (1 - (s - |p|)), equal to it but for rounding.
    if square - abs(product) < 1e-12 * max(square, 1):
        return 1.0 if product >= 0 else -1.0
    roots = np.roots([1.0, -product, 2 * square - 1, -product])
    real = roots[np.abs(roots.imag) < 1e-9].real
    candidates = real[np.abs(real) < 1]
    # The cubic is -2 (s + p) < 0 at -1 and 2 (s - p) > 0 at 1, so there is one; of several the
    # likelihood decides.
    quadratic = (square - candidates * product) / (1 - candidates**2)
    return float(candidates[np.argmin(quadratic + 0.5 * np.log1p(-(candidates**2)))])
