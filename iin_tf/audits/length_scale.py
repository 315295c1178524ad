"""The length scale at which a factor's block forgets, from the likelihood of held-out pairs."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar

from iin_tf import checks
from iin_tf.audits.inputs import source_codes
from iin_tf.checks import InputError
from iin_tf.data.label_array import label_array
from iin_tf.data.labels import continuous_numbers
from iin_tf.data.pairs.label_kernel import SquaredExponential
from iin_tf.data.pairs.label_neighbors import near_partners
from iin_tf.statistics import TwoWay, interval, resampled

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

# Scales, evenly spaced in their logarithm, at which the likelihood is looked at.
_SCALES = 60
# Partners of every example, each looked for at another distance.
_PARTNERS = 12
# Examples, at most: more of them hardly narrow the interval, and each has _PARTNERS x _SCALES
# likelihoods in memory.
_EXAMPLES = 20_000
_RESAMPLES = 1000


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
    network: "InterpretationNetwork",
    z: ArrayLike,
    values: ArrayLike,
    factor: str,
    period: float | None = None,
    *,
    source: ArrayLike | None = None,
    bounds: tuple[float, float] | None = None,
    cap: float = 0.99,
    seed: int = 0,
) -> LengthScale:
    """The `SquaredExponential` length scale of the greatest held-out pair likelihood.

    Pairs are made at all distances within the bounds.  Of their likelihood only the factor's
    block depends on the scale: blocks a, b [n] of two examples correlate by
    `rho = cap k(y_a, y_b)` in each dimension, so that up to a constant

      -log p(a, b) = n/2 log(1 - rho^2) + (|a|^2 - 2 rho a.b + |b|^2) / (2 (1 - rho^2)).

    Args:
      network: a trained InterpretationNetwork, or anything with `factors(z)`.
      z: float [n, N], held-out representations; of more than 20,000 labelled ones as many are
        drawn.
      values: [n] or [n, channels], the labels; where one is missing, the example is left out.
      factor: name of the block.
      period: circumference of the label's circle, None for the line.
      source: whole numbers or texts [n], the original behind each example; pairs never stem from
        one.  None where every example is an original.
      bounds: (smallest, largest) scale; by default a 200th of the circle or of the labels'
        range, and the whole of it.
      cap: correlation of equal labels, as in `ContinuousPairs`.
      seed: of pairs and resamples.

    Returns:
      LengthScale.

    Raises:
      InputError: labels that are not numbers or do not match z, fewer than two sources, bounds
        or a cap out of range, or an unknown block.
    """
    if not callable(getattr(network, "factors", None)):
        raise InputError(f"network is {checks.shown(network)}; give one with factors(z)")
    checks.fraction(cap, "cap")
    checks.whole(seed, "seed", 0)
    z = checks.real_array(z, "z")
    checks.check_matrix(z, "z")
    rows, numbers, source = _known(values, source, len(z), seed)
    low, high = _checked_bounds(bounds, numbers, _period(period))
    scales = np.geomspace(low, high, _SCALES)
    checks.check_finite_rows(z[rows], "z, where labels are known,")
    blocks = network.factors(z[rows])
    block = np.asarray(blocks[checks.choice(factor, "factor", blocks)], np.float64)
    first, second = _pairs(numbers, scales, period, source, seed)
    nll = _pair_nll(block, numbers, first, second, period, cap)
    curves = np.stack([nll(scale) for scale in scales])
    plan = TwoWay(source[first], source[second], _RESAMPLES, seed)
    # Long rows times long rows: a third of the time of their transposes.
    drawn = resampled(lambda w: (curves @ w.T).T / w.sum(axis=1, keepdims=True), plan)
    curve = curves.mean(axis=1)
    value = _greatest(nll, scales, curve)
    lowest = np.array([_lowest(scales, one) for one in drawn[1:]])
    low, high = interval(value, lowest, "percentile")
    at_bound = int(np.argmin(curve)) in (0, _SCALES - 1)
    return LengthScale(value, low, high, at_bound, scales, curve)


def _known(values: ArrayLike, source: ArrayLike | None, rows: int, seed: int) -> tuple:
    """Rows whose label is known, `_EXAMPLES` at most, their labels [n, channels] and sources."""
    given = label_array(values, "values")
    if len(given) != rows:
        raise InputError(f"values has {len(given)} rows and z has {rows}; give one label each")
    numbers, source = continuous_numbers("values", given), source_codes(source, rows)
    known = np.flatnonzero(~checks.is_missing(numbers))
    if len(known) > _EXAMPLES:
        random = np.random.default_rng(seed)
        known = np.sort(random.choice(known, _EXAMPLES, replace=False))
    if len(np.unique(source[known])) < 2:
        raise InputError(
            f"values: the {len(known)} labelled examples do not stem from two sources; label more"
        )
    return known, numbers[known], source[known]


def _period(period: float | None) -> float | None:
    return None if period is None else checks.number(period, "period", above=0)


def _checked_bounds(bounds: tuple | None, numbers: np.ndarray, period: float | None) -> tuple:
    if bounds is None:
        largest = float(np.ptp(numbers, axis=0).max()) if period is None else period
        if not largest > 0:
            raise InputError("values are all equal; a length scale needs labels that differ")
        return largest / 200, largest
    ends = checks.real_array(bounds, "bounds")
    if ends.shape != (2,):
        raise InputError(f"bounds is {checks.shown(bounds)}; give (smallest, largest)")
    low, high = (checks.number(bound, "bounds", above=0) for bound in ends)
    if low >= high:
        raise InputError(f"bounds is {bounds!r}; give two positive numbers, the smaller first")
    return low, high


def _greatest(nll: Callable, scales: np.ndarray, curve: np.ndarray) -> float:
    """The scale of the greatest likelihood, searched for around the best of those looked at."""
    best = int(np.argmin(curve))
    around = scales[max(best - 1, 0)], scales[min(best + 1, _SCALES - 1)]
    found = minimize_scalar(
        lambda log: nll(np.exp(log)).mean(), bounds=np.log(around), method="bounded"
    )
    return float(np.exp(found.x))


def _pairs(
    numbers: np.ndarray, scales: np.ndarray, period: float | None, source: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Two int arrays [P]: pairs about as far apart as each of some scales within the bounds."""
    random = np.random.default_rng(seed)
    seconds = [
        near_partners(numbers, SquaredExponential(float(scale), period), source, 1, random)[:, 0]
        for scale in np.geomspace(scales[0], scales[-1], _PARTNERS)
    ]
    return np.tile(np.arange(len(numbers)), _PARTNERS), np.concatenate(seconds)


def _pair_nll(
    block: np.ndarray,
    numbers: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    period: float | None,
    cap: float,
) -> Callable[[float], np.ndarray]:
    """A function, scale -> nats of each pair [P], but for n log 2 pi."""
    points = SquaredExponential(1.0, period).embed(numbers)
    squared = np.square(points[first] - points[second]).sum(axis=1)
    square = 0.5 * np.square(block).sum(axis=1)
    square = square[first] + square[second]
    product = (block[first] * block[second]).sum(axis=1)
    size = block.shape[1]

    def nll(scale: float) -> np.ndarray:
        rho = cap * np.exp(-0.5 * squared / scale**2)
        free = 1 - rho**2
        return 0.5 * size * np.log(free) + (square - rho * product) / free

    return nll


def _lowest(scales: np.ndarray, curve: np.ndarray) -> float:
    """Where a parabola through the lowest of the points and its neighbours is lowest."""
    at = int(np.clip(np.argmin(curve), 1, len(scales) - 2))
    left, middle, right = curve[at - 1 : at + 2]
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend > 0 else np.sign(left - right)
    step = np.log(scales[1] / scales[0])
    return float(scales[at] * np.exp(step * np.clip(shift, -1, 1)))
