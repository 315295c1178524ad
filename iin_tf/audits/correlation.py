"""How strongly a shared block really correlates, on held-out pairs."""

import numpy as np

from iin_tf.models.correlation import CORRELATION_CAP
from iin_tf.results import Result, Results
from iin_tf.statistics.bootstrap import percentile_interval, two_way_weights


def correlation_metrics(network, store, sampler, pairs, seed):
    """Rho of every factor by maximum likelihood on held-out pairs, with 95 % intervals.

    Args:
      network: InterpretationNetwork.
      store: LatentStore of held-out examples.
      sampler: sampler of pairs that share one factor each, over the store's examples; its
        factors may be some of the network's.
      pairs: number of pairs.
      seed: int, of posterior samples and resamples.

    Returns:
      `Results`: `correlation/F` with its interval (resampling the original examples),
      `correlation/F/network`, the network's own rho, and `correlation/F/at_cap`, 1 where a
      learned rho has reached the cap of 0.999 within a thousandth, else 0.
    """
    index_a, index_b, shared = sampler.draw(pairs, step=0)
    parts_a = network.factors(store.sample(index_a, seed, step=0))
    parts_b = network.factors(store.sample(index_b, seed, step=1))
    own = network.correlation.numpy()
    found = []
    for block, factor in enumerate(sampler.factors, start=1):
        rows = shared[:, block].astype(bool)
        value, *ends = correlation_interval(
            parts_a[factor].numpy()[rows],
            parts_b[factor].numpy()[rows],
            store.source[index_a[rows]],
            store.source[index_b[rows]],
            seed,
        )
        rho = float(own[network.layout.index(factor)])
        at_cap = int(rho > CORRELATION_CAP - 1e-3)
        found += [
            Result("correlation/{factor}", {"factor": factor}, value, ends),
            Result("correlation/{factor}/network", {"factor": factor}, rho),
            Result("correlation/{factor}/at_cap", {"factor": factor}, at_cap),
        ]
    return Results(found)


def correlation_interval(a, b, first, second, seed):
    """Maximum-likelihood rho of paired standard normal blocks, and its 95 % interval.

    Exactly 1 or -1 where b equals a or -a, as `maximum_likelihood_correlation` says.

    Args:
      a, b: float [P, n], the block of each member.
      first, second: int [P], the original example behind each member.
      seed: int.

    Returns:
      Three floats: rho, low, high.
    """
    product = np.mean(a * b, axis=1, dtype=np.float64)
    square = np.mean(0.5 * (a**2 + b**2), axis=1, dtype=np.float64)
    resampled = [
        maximum_likelihood_correlation(w @ product / w.sum(), w @ square / w.sum())
        for w in two_way_weights(first, second, seed)
    ]
    value = maximum_likelihood_correlation(product.mean(), square.mean())
    return value, *percentile_interval(resampled)


def maximum_likelihood_correlation(product, square):
    """The rho that maximises the paired Gaussian's likelihood, given its two statistics.

    With unit variances the derivative of the log-likelihood vanishes where
    `rho^3 - p rho^2 + (2 s - 1) rho - p = 0`, p the mean of a b, s the mean of (a^2 + b^2) / 2.
    Where |p| = s, that is b = a or b = -a, the likelihood grows without bound towards the sign
    of p: rho is then 1 or -1 (1 if both are zero).

    Args:
      product: p.
      square: s.
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
