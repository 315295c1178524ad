"""Held-out scores under row weights, so that one fit gives its whole bootstrap."""

import numpy as np


def weighted_mean(values, weights):
    """Means of `values` [n] or [n, T] under each row of `weights` [R, n]: [R] or [R, T]."""
    total = weights.sum(axis=1)
    return (weights @ values) / (total if values.ndim == 1 else total[:, None])


def r_squared(target, prediction, weights):
    """1 - squared error / squared deviation from the weighted mean, summed over targets.

    Args:
      target: [n, T] (or [n]).
      prediction: of the same shape.
      weights: [R, n].

    Returns:
      [R]; 0 where the target does not vary.
    """
    target = target.reshape(len(target), -1)
    error = weighted_mean(np.square(target - prediction.reshape(target.shape)).sum(1), weights)
    mean = weighted_mean(target, weights)
    spread = weighted_mean(np.square(target).sum(1), weights) - np.square(mean).sum(1)
    safe = np.where(spread > 1e-12, spread, 1.0)
    return np.where(spread > 1e-12, 1 - error / safe, 0.0)


def prediction_score(factor, target, prediction, weights):
    """Accuracy for a categorical factor, R^2 for a continuous one, [R]."""
    if factor.continuous:
        return r_squared(target, prediction, weights)
    return weighted_mean((target == prediction).astype(np.float64), weights)


def area_under_roc(scores, positive, weights):
    """Area under the ROC curve, ties counted half, under each row of weights.

    Args:
      scores: [n], higher means positive.
      positive: bool [n].
      weights: [R, n].

    Returns:
      [R]; 0.5 where a class has no weight.
    """
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf) > 0)
    weights, positive = weights[:, order], positive[order]
    above = np.add.reduceat(weights * positive, starts, axis=1)
    below = np.add.reduceat(weights * ~positive, starts, axis=1)
    wins = (above * (below.cumsum(axis=1) - below / 2)).sum(axis=1)
    pairs = above.sum(axis=1) * below.sum(axis=1)
    return np.where(pairs > 0, wins / np.where(pairs > 0, pairs, 1), 0.5)


def targets_of(factor):
    """A factor as numbers [n, T]: standardised, or one centred indicator a level."""
    if factor.continuous:
        return ((factor.numbers - factor.numbers.mean()) / factor.numbers.std())[:, None]
    indicators = np.eye(factor.count)[factor.levels]
    return indicators - indicators.mean(axis=0)
