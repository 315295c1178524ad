"""The conditioner: what a coupling computes from the half that it leaves alone."""

import functools
from typing import NamedTuple

import tensorflow as tf

# The slope of the published conditioners (PyTorch's default LeakyReLU).
LEAKY_SLOPE = 0.01


class Conditioner(NamedTuple):
    """Two MLPs of one shape, one for the log-scale and one for the shift.

    They run side by side as one batched product per layer.  The log-scale is bounded
    by tanh, so that one coupling scales by at most a factor of e.

    Attributes:
      kernels: one tensor per layer, [2, fan_in, fan_out]; index 0 is the log-scale's
        network, 1 the shift's.  Their dtype is the dtype of the products.
      biases: one float tensor per layer, [2, 1, fan_out].
    """

    kernels: tuple
    biases: tuple

    def __call__(self, x):
        """Returns log-scale and shift, each [..., N/2], from `x` [..., N/2]."""
        if x.shape.rank == 2:
            return self._of_rows(x)
        shape = tf.shape(x)
        log_scale, shift = self._of_rows(tf.reshape(x, [-1, x.shape[-1]]))
        return tf.reshape(log_scale, shape), tf.reshape(shift, shape)

    def _of_rows(self, x):
        shapes = tuple(tuple(kernel.shape) for kernel in self.kernels)
        layers = _traced_once(shapes, self.kernels[0].dtype, x.dtype)
        return layers(x, self.kernels, self.biases)


@functools.cache
def _traced_once(kernel_shapes, product_dtype, dtype):
    """`_layers` as a function that all conditioners of one shape share.

    Its forward and backward graphs are traced once and not once a coupling, which is
    most of the time to a flow's first step.  Any number of rows fits.
    """
    rows = tf.TensorSpec([None, kernel_shapes[0][1]], dtype)
    kernels = tuple(tf.TensorSpec(shape, product_dtype) for shape in kernel_shapes)
    biases = tuple(tf.TensorSpec([2, 1, shape[2]], dtype) for shape in kernel_shapes)
    return tf.function(_layers, input_signature=[rows, kernels, biases], autograph=False)


def _layers(x, kernels, biases):
    hidden = tf.cast(x, kernels[0].dtype)
    for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
        hidden = tf.matmul(hidden, kernel) + tf.cast(bias, kernel.dtype)
        hidden = tf.nn.leaky_relu(hidden, LEAKY_SLOPE)
    # Whatever the products' dtype, the flow's arithmetic is in the dtype of x.
    raw_log_scale, shift = tf.unstack(tf.cast(tf.matmul(hidden, kernels[-1]), x.dtype) + biases[-1])
    return tf.tanh(raw_log_scale), shift
