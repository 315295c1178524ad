"""The hidden layer's own gradient, against the gradient of the operations that it is made of."""

import numpy as np
import pytest
import tensorflow as tf

from iin_tf.bijectors import conditioner
from iin_tf.bijectors.conditioner import LEAKY_SLOPE


def stock(x, kernel, bias):
    return tf.nn.leaky_relu(tf.matmul(x, kernel) + bias, LEAKY_SLOPE)


@pytest.fixture
def weights():
    random = np.random.default_rng(0)
    return [tf.constant(random.normal(size=shape)) for shape in ((7, 4), (4, 5), (5,))]


def test_hidden_layer_has_the_gradients_of_its_operations(weights):
    def gradients(layer):
        with tf.GradientTape() as tape:
            tape.watch(weights)
            y = layer(*weights)
            loss = tf.reduce_sum(tf.sin(y))
        return y, *tape.gradient(loss, weights)

    for ours, theirs in zip(gradients(conditioner._hidden_layer), gradients(stock), strict=True):
        # Both are float64 sums of a few products.
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


def test_hidden_layer_has_the_second_derivatives_of_its_operations(weights):
    x, kernel, bias = weights

    def second(layer):
        with tf.GradientTape() as outer:
            outer.watch(kernel)
            with tf.GradientTape() as inner:
                inner.watch(x)
                loss = tf.reduce_sum(tf.square(layer(x, kernel, bias)))
            target = tf.reduce_sum(tf.sin(inner.gradient(loss, x)))
        return outer.gradient(target, kernel)

    ours, theirs = second(conditioner._hidden_layer), second(stock)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("gpus", [[], ["GPU:0"]])
@pytest.mark.parametrize("width", [5, 512])
@pytest.mark.parametrize("rows", [0, 1, 7])
def test_hidden_layer_in_bfloat16_is_that_of_its_operations(rows, width, gpus, monkeypatch):
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: gpus)
    random = np.random.default_rng(0)
    shapes = ((rows, 4), (4, width), (width,))
    weights = [tf.cast(random.normal(size=shape), tf.bfloat16) for shape in shapes]

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.bfloat16)])
    def ours(x):
        y = conditioner._hidden_layer(x, *weights[1:])
        return y, tf.gradients(y, [x, *weights[1:]])

    exact = [tf.cast(weight, tf.float64) for weight in weights]
    with tf.GradientTape() as tape:
        tape.watch(exact)
        y = stock(*exact)
    results = tf.nest.flatten(ours(weights[0]))
    for result, reference in zip(results, [y, *tape.gradient(y, exact)], strict=True):
        assert result.shape == reference.shape
        # bfloat16 keeps 8 bits; terms are below 10.
        np.testing.assert_allclose(tf.cast(result, tf.float64), reference, rtol=2**-7, atol=0.05)
