"""Intervals that resample the original examples, not the pairs that share them."""

import numpy as np

RESAMPLES = 1000


def two_way_weights(first, second, seed, resamples=RESAMPLES):
    """Yields weights [P] of the pairs, one array for each resample of their members.

    One example takes part in many pairs, so pairs are not independent.  Each resample draws
    as many examples as there are, with replacement, and weights a pair by the product of
    its two members' counts.

    Args:
      first, second: int [P], the example (or its original) behind each member.
      seed: int.
      resamples: number of resamples; the few of them that hold no pair are left out.

    Source: Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1(2).
    """
    examples, places = np.unique(np.concatenate([first, second]), return_inverse=True)
    first, second = np.split(places, 2)
    random = np.random.default_rng(seed)
    share = np.full(len(examples), 1 / len(examples))
    for _ in range(resamples):
        counts = random.multinomial(len(examples), share)
        weights = counts[first] * counts[second]
        if weights.any():
            yield weights


def percentile_interval(values, level=0.95):
    """Two floats: the central `level` of `values`."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def two_way_interval(scores, first, second, seed):
    """Mean of pair scores and its 95 % interval: three floats.

    Args:
      scores: float [P], one score a pair.
      first, second, seed: as in `two_way_weights`.
    """
    scores = np.asarray(scores, float)
    means = [w @ scores / w.sum() for w in two_way_weights(first, second, seed)]
    return float(scores.mean()), *percentile_interval(means)
