"""The length scale at which a factor's block forgets, from the likelihood of held-out pairs."""

import dataclasses

import numpy as np
from scipy.optimize import minimize_scalar

from iin_tf.checks import is_missing
from iin_tf.data.labels import check_source, continuous_numbers
from iin_tf.data.pairs.label_kernel import SquaredExponential
from iin_tf.data.pairs.label_neighbors import near_partners
from iin_tf.statistics.bootstrap import percentile_interval, two_way_weights

# Scales, evenly spaced in their logarithm, at which the likelihood is looked at.
_SCALES = 60
# Partners of every example, each looked for at another distance.
_PARTNERS = 12


@dataclasses.dataclass(frozen=True)
class LengthScale:
    """A length scale in units of the label, with what it was read from.

    Attributes:
      value: the scale of the greatest likelihood.
      low, high: 95 % interval, resampling the original examples.
      at_bound: whether the likelihood still rises at the end of the range searched.
      scales: float [G], the scales looked at, ascending.
      nll: float [G], mean negative log-likelihood of the block at each, nats per pair.
    """

    value: float
    low: float
    high: float
    at_bound: bool
    scales: np.ndarray
    nll: np.ndarray


def estimate_length_scale(
    network, z, values, factor, period=None, *, source=None, bounds=None, cap=0.99, seed=0
):
    """The `SquaredExponential` length scale of the greatest held-out pair likelihood.

    Pairs are made at all distances within the bounds.  Of their likelihood only the factor's
    block depends on the scale: blocks a, b [n] of two examples correlate by
    `rho = cap k(y_a, y_b)` in each dimension, so that up to a constant

      -log p(a, b) = n/2 log(1 - rho^2) + (|a|^2 - 2 rho a.b + |b|^2) / (2 (1 - rho^2)).

    Args:
      network: a trained InterpretationNetwork, or anything with `factors(z)`.
      z: float [n, N], held-out representations.
      values: [n] or [n, channels], the labels; where one is missing, the example is left out.
      factor: name of the block.
      period: circumference of the label's circle, None for the line.
      source: int [n], the original behind each example; pairs never stem from one.
      bounds: (smallest, largest) scale; by default a 200th of the circle or of the labels'
        range, and the whole of it.
      cap: correlation of equal labels, as in `ContinuousPairs`.
      seed: of pairs and resamples.

    Returns:
      LengthScale.

    Raises:
      ValueError: labels that are not numbers or do not match z, fewer than two sources, bounds
        or a cap out of range.
    """
    values = np.asarray(values)
    if len(values) != len(z):
        raise ValueError(f"values has {len(values)} rows and z has {len(z)}; give one label each")
    if not 0 < cap < 1:
        raise ValueError(f"cap is {cap!r}; give a number above 0 and below 1")
    numbers, source = continuous_numbers("values", values), check_source(source, len(values))
    known = np.flatnonzero(~is_missing(numbers))
    if len(np.unique(source[known])) < 2:
        raise ValueError(f"values: the {len(known)} labelled examples do not stem from two sources")
    numbers, source = numbers[known], source[known]
    scales = np.geomspace(*_checked_bounds(bounds, numbers, period), _SCALES)
    block = np.asarray(network.factors(np.asarray(z)[known])[factor], np.float64)
    first, second = _pairs(numbers, scales, period, source, seed)
    nll = _pair_nll(block, numbers, first, second, period, cap)
    curves = np.stack([nll(scale) for scale in scales])
    resampled = [
        _lowest(scales, curves @ weights / weights.sum())
        for weights in two_way_weights(source[first], source[second], seed)
    ]
    curve = curves.mean(axis=1)
    best = int(np.argmin(curve))
    around = scales[max(best - 1, 0)], scales[min(best + 1, _SCALES - 1)]
    found = minimize_scalar(
        lambda log: nll(np.exp(log)).mean(), bounds=np.log(around), method="bounded"
    )
    low, high = percentile_interval(resampled)
    at_bound = best in (0, _SCALES - 1)
    return LengthScale(float(np.exp(found.x)), low, high, at_bound, scales, curve)


def _checked_bounds(bounds, numbers, period):
    if bounds is None:
        largest = float(np.ptp(numbers, axis=0).max()) if period is None else period
        if not largest > 0:
            raise ValueError("values are all equal; a length scale needs labels that differ")
        return largest / 200, largest
    low, high = bounds
    if not 0 < low < high < np.inf:
        raise ValueError(f"bounds is {bounds!r}; give two positive numbers, the smaller first")
    return low, high


def _pairs(numbers, scales, period, source, seed):
    """Two int arrays [P]: pairs about as far apart as each of some scales within the bounds."""
    random = np.random.default_rng(seed)
    seconds = [
        near_partners(numbers, SquaredExponential(float(scale), period), source, 1, random)[:, 0]
        for scale in np.geomspace(scales[0], scales[-1], _PARTNERS)
    ]
    return np.tile(np.arange(len(numbers)), _PARTNERS), np.concatenate(seconds)


def _pair_nll(block, numbers, first, second, period, cap):
    """A function, scale -> nats of each pair [P], but for n log 2 pi."""
    points = SquaredExponential(1.0, period).embed(numbers)
    squared = np.square(points[first] - points[second]).sum(axis=1)
    square = 0.5 * np.square(block).sum(axis=1)
    square = square[first] + square[second]
    product = (block[first] * block[second]).sum(axis=1)
    size = block.shape[1]

    def nll(scale):
        rho = cap * np.exp(-0.5 * squared / scale**2)
        free = 1 - rho**2
        return 0.5 * size * np.log(free) + (square - rho * product) / free

    return nll


def _lowest(scales, curve):
    """Where a parabola through the lowest of the points and its neighbours is lowest."""
    at = int(np.clip(np.argmin(curve), 1, len(scales) - 2))
    left, middle, right = curve[at - 1 : at + 2]
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend > 0 else np.sign(left - right)
    step = np.log(scales[1] / scales[0])
    return float(scales[at] * np.exp(step * np.clip(shift, -1, 1)))
