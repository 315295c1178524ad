"""What the Gaussians over blocks have in common: standard normal marginals."""

import math

import tensorflow as tf
from tensorflow_probability import distributions as tfd


class BlockGaussian(tfd.Distribution):
    """A Gaussian whose every dimension is standard normal by itself.

    A subclass sets `_block_sizes` and says its event shape, and what depends on what.
    """

    _block_sizes: tuple[int, ...]

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """Sizes N_0 .. N_K of the blocks."""
        return self._block_sizes

    def _mean(self):
        return tf.zeros(self._full_shape(), self.dtype)

    def _mode(self):
        return self._mean()

    def _variance(self):
        return tf.ones(self._full_shape(), self.dtype)

    def _stddev(self):
        return self._variance()

    def _full_shape(self):
        return tf.concat([self.batch_shape_tensor(), self.event_shape_tensor()], 0)

    def _size(self) -> int:
        return sum(self._block_sizes)


def standard_normal_log_prob(value: tf.Tensor) -> tf.Tensor:
    """Log-density of each number of `value` [...] under N(0, 1): [...], nats."""
    return -0.5 * (tf.square(value) + math.log(2 * math.pi))
