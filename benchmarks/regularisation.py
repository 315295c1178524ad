"""Regularisation that the package leaves out, to measure it: dropout, and a warm-up of the rate."""

import contextlib
from unittest import mock

import keras
import tensorflow as tf

from iin_tf.bijectors import conditioner
from iin_tf.optimizers import ConstantThenLinear


@contextlib.contextmanager
def dropout(rate):
    """Within it, what is traced drops hidden units of the conditioners.

    An inverse would drop others: only likelihoods may be computed within.
    """

    def outputs(x, networks):
        found = []
        for kernels, biases in networks:
            h = x
            for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
                h = tf.nn.leaky_relu(tf.tensordot(h, kernel, 1) + bias, conditioner.LEAKY_SLOPE)
                h = tf.nn.dropout(h, rate)
            found.append(tf.tensordot(h, kernels[-1], 1) + biases[-1])
        return tuple(found)

    if not rate:
        yield
        return
    with mock.patch.object(conditioner, "network_outputs", outputs):
        yield


class WarmUp(ConstantThenLinear):
    """A rate that rises linearly over the first `warm` steps, then does as `ConstantThenLinear`."""

    def __init__(self, rate, steps, warm):
        super().__init__(rate, steps)
        self.warm = warm

    def __call__(self, step):
        risen = (keras.ops.cast(step, "float32") + 1) / self.warm
        return super().__call__(step) * keras.ops.minimum(risen, 1.0)
