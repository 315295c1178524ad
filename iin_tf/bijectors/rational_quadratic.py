"""Monotone rational-quadratic splines, in both directions.

Between two knots `(x_0, y_0)` and `(x_1, y_1)` with the slopes d_0 and d_1, with
`s = (y_1 - y_0) / (x_1 - x_0)` and `t = (x - x_0) / (x_1 - x_0)`:

  y     = y_0 + (y_1 - y_0) (s t^2 + d_0 t (1 - t)) / (s + (d_0 + d_1 - 2 s) t (1 - t))
  dy/dx = s^2 (d_1 t^2 + 2 s t (1 - t) + d_0 (1 - t)^2) / (the same denominator)^2

Source: Gregory and Delbourgo (1982); Durkan et al., Neural Spline Flows (2019), section 3.1.
"""

import math
from typing import NamedTuple

import tensorflow as tf

# Of a bin's width and height, as fractions of the whole, and of a slope.
_LEAST = 1e-3


class Bends(NamedTuple):
    """What a conditioner says of splines of K bins; all zero is the identity.

    Attributes:
      widths, heights: float [..., K], logits of the bins' widths and heights.
      slopes: float [..., K-1], slopes at the inner knots, before they are made positive.
    """

    widths: tf.Tensor
    heights: tf.Tensor
    slopes: tf.Tensor


class Knots(NamedTuple):
    """Splines, ready for use.

    Attributes:
      x, y: float [..., K+1], where the bins begin and end, from -bound to bound.
      slopes: float [..., K+1], positive; 1 at both ends.
    """

    x: tf.Tensor
    y: tf.Tensor
    slopes: tf.Tensor


class _Bin(NamedTuple):
    x: tf.Tensor
    width: tf.Tensor
    y: tf.Tensor
    height: tf.Tensor
    slope: tf.Tensor
    next_slope: tf.Tensor


def knots(bends: Bends, bound: float) -> Knots:
    """The knots of splines on [-bound, bound]."""
    # The softplus of this start is 1 - _LEAST.
    start = math.log(math.expm1(1 - _LEAST))
    inner = _LEAST + tf.math.softplus(bends.slopes + start)
    end = tf.ones_like(bends.widths[..., :1])
    slopes = tf.concat([end, inner, end], -1)
    return Knots(_positions(bends.widths, bound), _positions(bends.heights, bound), slopes)


def _positions(logits, bound):
    bins = logits.shape[-1]
    sizes = _LEAST + (1 - _LEAST * bins) * tf.nn.softmax(logits)
    inner = bound * (2 * tf.cumsum(sizes[..., :-1], axis=-1) - 1)
    end = bound * tf.ones_like(logits[..., :1])
    # The last sum would miss the bound by its rounding.
    return tf.concat([-end, inner, end], -1)


def forward(x: tf.Tensor, knots: Knots) -> tuple[tf.Tensor, tf.Tensor]:
    """`y` and log(dy/dx), each shaped as `x` [...]; beyond the knots y is x."""
    at, inside, clipped = _locate(x, knots.x, knots)
    ratio = at.height / at.width
    t = (clipped - at.x) / at.width
    mixed = t * (1 - t)
    denominator = ratio + (at.slope + at.next_slope - 2 * ratio) * mixed
    y = at.y + at.height * (ratio * t * t + at.slope * mixed) / denominator
    return _outside(inside, y, x, _log_slope(at, ratio, t, denominator))


def inverse(y: tf.Tensor, knots: Knots) -> tuple[tf.Tensor, tf.Tensor]:
    """`x` and log(dx/dy), each shaped as `y` [...]; beyond the knots x is y."""
    at, inside, clipped = _locate(y, knots.y, knots)
    ratio, rise = at.height / at.width, clipped - at.y
    excess = at.slope + at.next_slope - 2 * ratio
    a = at.height * (ratio - at.slope) + rise * excess
    b = at.height * at.slope - rise * excess
    c = -ratio * rise
    # This form of the root keeps its digits where a is near zero.  Rounding may leave the
    # discriminant, which is positive, below zero.
    root = tf.sqrt(tf.maximum(b * b - 4 * a * c, tf.zeros([], y.dtype)))
    t = 2 * c / (-b - root)
    denominator = ratio + excess * t * (1 - t)
    log_slope = _log_slope(at, ratio, t, denominator)
    return _outside(inside, at.x + t * at.width, y, -log_slope)


def _locate(values, ends, knots):
    """The bin that holds each value, whether there is one, and the values clipped to the bins."""
    inside = (values >= ends[..., 0]) & (values <= ends[..., -1])
    clipped = tf.clip_by_value(values, ends[..., 0], ends[..., -1])
    index = tf.reduce_sum(tf.cast(clipped[..., None] >= ends[..., 1:-1], tf.int32), -1)
    chosen = tf.one_hot(index, ends.shape[-1] - 1, dtype=values.dtype)
    columns = _Bin(
        knots.x[..., :-1],
        knots.x[..., 1:] - knots.x[..., :-1],
        knots.y[..., :-1],
        knots.y[..., 1:] - knots.y[..., :-1],
        knots.slopes[..., :-1],
        knots.slopes[..., 1:],
    )
    return _Bin(*[tf.reduce_sum(chosen * column, -1) for column in columns]), inside, clipped


def _log_slope(at, ratio, t, denominator):
    rest = 1 - t
    numerator = at.next_slope * t * t + 2 * ratio * t * rest + at.slope * rest * rest
    return 2 * tf.math.log(ratio) + tf.math.log(numerator) - 2 * tf.math.log(denominator)


def _outside(inside, moved, value, log_slope):
    return tf.where(inside, moved, value), tf.where(inside, log_slope, tf.zeros_like(log_slope))
