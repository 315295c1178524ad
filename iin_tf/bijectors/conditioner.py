"""The conditioner: what a coupling computes from the half that it leaves alone."""

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
        flat = tf.reshape(x, [-1, x.shape[-1]])
        raw_log_scale, shift = tf.unstack(self._layers(flat))
        shape = tf.shape(x)
        return tf.reshape(tf.tanh(raw_log_scale), shape), tf.reshape(shift, shape)

    def _layers(self, x):
        hidden = tf.cast(x, self.kernels[0].dtype)
        for kernel, bias in zip(self.kernels[:-1], self.biases[:-1], strict=True):
            hidden = tf.matmul(hidden, kernel) + tf.cast(bias, kernel.dtype)
            hidden = tf.nn.leaky_relu(hidden, LEAKY_SLOPE)
        # Whatever the products' dtype, the flow's arithmetic is in the dtype of x.
        return tf.cast(tf.matmul(hidden, self.kernels[-1]), x.dtype) + self.biases[-1]
