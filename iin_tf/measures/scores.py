"""Held-out scores under row weights, so that one fit gives its whole bootstrap."""

import functools
from collections.abc import Callable, Sequence

import numpy as np

from iin_tf.measures.sample import Factor
from iin_tf.measures.units import ROUNDING


def spread_of(values: np.ndarray) -> np.ndarray:
    """Standard deviations of columns [n] or [n, T]; 0 where a column only varies by rounding."""
    spread = values.std(axis=0)
    return np.where(spread > ROUNDING * np.abs(values).max(axis=0), spread, 0.0)


def standardised(values: np.ndarray) -> np.ndarray:
    """Columns [n] or [n, T] with mean 0 and standard deviation 1; zeros for a constant one."""
    spread = spread_of(values)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return np.where(spread > 0, scaled, 0.0)


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Means of `values` [n] or [n, T] under each row of `weights` [R, n]: [R] or [R, T]."""
    total = weights.sum(axis=1)
    return (weights @ values) / (total if values.ndim == 1 else total[:, None])


def r_squared(target: np.ndarray, prediction: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """1 - squared error / squared deviation from the weighted mean, summed over targets.

    Args:
      target: [n, T] (or [n]).
      prediction: of the same shape.
      weights: [R, n].

    Returns:
      [R]; 0 where the target does not vary.
    """
    target = target.reshape(len(target), -1)
    # One unit for all targets, as their squares are summed.
    unit = np.linalg.norm(spread_of(target))
    if unit == 0:
        return np.zeros(len(weights))
    centre = target.mean(axis=0)
    prediction = (prediction.reshape(target.shape) - centre) / unit
    target = (target - centre) / unit
    error = weighted_mean(np.square(target - prediction).sum(1), weights)
    mean = weighted_mean(target, weights)
    spread = weighted_mean(np.square(target).sum(1), weights) - np.square(mean).sum(1)
    safe = np.where(spread > 1e-12, spread, 1.0)
    return np.where(spread > 1e-12, 1 - error / safe, 0.0)


def linear_r_squared(
    codes: np.ndarray, numbers: np.ndarray, split: tuple[np.ndarray, np.ndarray]
) -> Callable:
    """Held-out R^2 of the least squares fit of numbers [n] by codes [n, N] and a constant.

    It does not change with the units and origins of either.

    Args:
      codes: [n, N].
      numbers: [n].
      split: (train rows, test rows).

    Returns:
      A function of weights of the test rows, [R, test], to R^2, [R].
    """
    (train, test), numbers = split, standardised(numbers)
    design = np.column_stack([standardised(codes), np.ones(len(codes))])
    solution = np.linalg.lstsq(design[train], numbers[train], rcond=None)[0]
    return functools.partial(r_squared, numbers[test], design[test] @ solution)


def prediction_score(
    factor: Factor, target: np.ndarray, prediction: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Accuracy for a categorical factor, R^2 for a continuous one, [R]."""
    if factor.continuous:
        return r_squared(target, prediction, weights)
    return weighted_mean((target == prediction).astype(np.float64), weights)


def area_under_roc(scores: np.ndarray, positive: np.ndarray, weights: np.ndarray) -> np.ndarray:
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


def targets_of(factor: Factor) -> np.ndarray:
    """A factor as numbers [n, T]: standardised, or one centred indicator a level."""
    if factor.continuous:
        return standardised(factor.numbers)[:, None]
    indicators = np.eye(factor.count)[factor.levels]
    return indicators - indicators.mean(axis=0)


def split_targets(together: np.ndarray, targets: list[np.ndarray]) -> list[np.ndarray]:
    """Columns of a prediction of all targets, cut into one array [n, T] for each target."""
    return np.split(together, np.cumsum([target.shape[1] for target in targets])[:-1], axis=1)


def squared_correlation(codes: np.ndarray, numbers: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Squared Pearson correlation of each code with a factor under row weights, [R, N].

    Zero for a code or factor that does not vary.
    """
    codes, numbers = standardised(codes), standardised(numbers)
    mean_code, mean_number = weighted_mean(codes, weights), weighted_mean(numbers, weights)
    covariance = weighted_mean(codes * numbers[:, None], weights)
    covariance -= mean_code * mean_number[:, None]
    code_variance = weighted_mean(codes**2, weights) - mean_code**2
    variance = code_variance * (weighted_mean(numbers**2, weights) - mean_number**2)[:, None]
    alive = variance > 1e-12
    return np.where(alive, covariance**2 / np.where(alive, variance, 1), 0.0)


def weighed(scorers: Callable | Sequence, weights: np.ndarray) -> np.ndarray:
    """What nested sequences [...] of functions of weights [R, n] give, [R, ...]."""
    if callable(scorers):
        return scorers(weights)
    return np.stack([weighed(part, weights) for part in scorers], axis=1)
