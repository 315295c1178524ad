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
