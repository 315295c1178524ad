"""Splines where the laws' random rows do not look: the start, the ends, strong bends."""

import numpy as np
import pytest
import tensorflow as tf

from iin_tf.bijectors import Flow, SplineCoupling, rational_quadratic
from iin_tf.checks import InputError

BOUND, BINS = 4.0, 8


def knots(size, dtype=np.float64):
    """Of 50 splines whose logits have deviation `size`."""
    random = np.random.default_rng(0)
    logits = [
        size * random.normal(size=(50, bins)).astype(dtype) for bins in (BINS, BINS, BINS - 1)
    ]
    return rational_quadratic.knots(rational_quadratic.Bends(*map(tf.constant, logits)), BOUND)


@pytest.mark.parametrize("size", [5, 6])
def test_spline_couplings_start_as_the_identity(size):
    flow = Flow(size, 2, 8, 1, "permutation", seed=0, coupling="spline", dtype="float64")
    flow.build()
    x = tf.constant(3 * np.random.default_rng(0).normal(size=(40, size)))
    for step in flow.bijector.steps:
        if isinstance(step, SplineCoupling):
            y, log_det = step.forward_and_log_det(x)
            # A dozen float64 operations on numbers up to 4.
            np.testing.assert_allclose(y, x, atol=1e-13)
            np.testing.assert_allclose(log_det, 0, atol=1e-13)


@pytest.mark.parametrize("direction", [rational_quadratic.forward, rational_quadratic.inverse])
def test_beyond_the_ends_everything_stays(direction):
    for value in (-1e30, -4.5, 4.5, 1e30):
        moved, log_slope = direction(tf.fill([50], tf.constant(value, tf.float64)), knots(2))
        np.testing.assert_array_equal(moved, np.full(50, value))
        np.testing.assert_array_equal(log_slope, np.zeros(50))


def test_the_ends_and_the_knots_meet():
    splines = knots(2)
    for k in range(BINS + 1):
        y, log_slope = rational_quadratic.forward(splines.x[:, k], splines)
        np.testing.assert_allclose(y, splines.y[:, k], atol=1e-13)
        np.testing.assert_allclose(np.exp(log_slope), splines.slopes[:, k], rtol=1e-11)
    np.testing.assert_array_equal(splines.x[:, 0], -BOUND)
    np.testing.assert_array_equal(splines.y[:, -1], BOUND)


@pytest.mark.parametrize("size", [0.1, 1, 5, 50])
def test_splines_rise_and_come_back_however_strong_the_bends(size):
    splines = knots(size)
    x = np.linspace(-4.1, 4.1, 2001)[:, None] * np.ones(50)
    y, log_slope = rational_quadratic.forward(tf.constant(x), splines)
    assert np.all(np.diff(y, axis=0) > 0)
    back, inverse_log_slope = rational_quadratic.inverse(y, splines)
    # Where a spline is flat, rounding of y moves x by as much as the slope is small.
    error = np.abs(back - x) * np.minimum(np.exp(log_slope), 1)
    # The steepest splines have slopes of 1,000 beside slopes of 0.001.
    np.testing.assert_allclose(error, 0, atol=1e-11)
    assert np.all(np.isfinite(log_slope))
    assert np.all(np.isfinite(inverse_log_slope))


def test_gradients_are_finite_everywhere_in_float32():
    splines = knots(3, np.float32)
    x = tf.constant(
        np.concatenate([[-1e30, -4, 4, 0, 1e30], np.linspace(-5, 5, 101)])[:, None] * np.ones(50),
        tf.float32,
    )
    for direction in (rational_quadratic.forward, rational_quadratic.inverse):
        with tf.GradientTape() as tape:
            tape.watch([x, *splines])
            moved, log_slope = direction(x, splines)
            total = tf.reduce_sum(tf.tanh(moved)) + tf.reduce_sum(log_slope)
        for gradient in tape.gradient(total, [x, *splines]):
            assert np.all(np.isfinite(gradient))


@pytest.mark.parametrize("bound", [0, -1, np.nan, "4", True])
def test_a_wrong_bound_is_named(bound):
    with pytest.raises(InputError, match="bound is"):
        SplineCoupling(lambda x: x, bound)
