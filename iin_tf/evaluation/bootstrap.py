"""Intervals that resample the original images, not the pairs that share them."""

import numpy as np

RESAMPLES = 1000


def two_way_interval(scores, first, second, seed, level=0.95):
    """Mean of pair scores and its bootstrap interval over the things that pairs are made of.

    One image takes part in many pairs, so pairs are not independent.  Each resample draws
    as many images as there are, with replacement, and weights a pair by the product of
    its two images' counts.

    Args:
      scores: float [P], one score a pair.
      first, second: int [P], the image of each member.
      seed: int.
      level: coverage of the percentile interval.

    Returns:
      Three floats: mean, low, high.

    Source: Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1(2).
    """
    scores = np.asarray(scores, float)
    images, places = np.unique(np.concatenate([first, second]), return_inverse=True)
    first, second = np.split(places, 2)
    random = np.random.default_rng(seed)
    share = np.full(len(images), 1 / len(images))
    means = []
    for _ in range(RESAMPLES):
        counts = random.multinomial(len(images), share)
        weights = counts[first] * counts[second]
        # A resample of very few images may hold no pair at all.
        if weights.any():
            means.append(weights @ scores / weights.sum())
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(scores.mean()), float(low), float(high)
