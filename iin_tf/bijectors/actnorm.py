"""ActNorm: a scale and a shift per dimension that start from data."""

import tensorflow as tf

from iin_tf.bijectors.base import VectorBijector


class ActNorm(VectorBijector):
    """Shifts and scales every dimension.

    `y = exp(log_scale) * (x + shift)`, `log|det dy/dx| = sum(log_scale)`.

    Args:
      shift: float tensor [N], in units of x.
      log_scale: float tensor [N], nats.

    Source: Kingma and Dhariwal, Glow (2018), section 3.1.
    """

    def __init__(self, shift, log_scale, name="actnorm"):
        self.shift = shift
        self.log_scale = log_scale
        super().__init__(dtype=shift.dtype, name=name, is_constant_jacobian=True)

    def _forward_and_log_det(self, x):
        return (x + self.shift) * tf.exp(self.log_scale), self._log_det(x)

    def _inverse_and_log_det(self, y):
        return y * tf.exp(-self.log_scale) - self.shift, -self._log_det(y)

    def _log_det(self, x):
        return tf.broadcast_to(tf.reduce_sum(self.log_scale), tf.shape(x)[:-1])


def actnorm_start(x):
    """The shift and log-scale [N] that give the rows of `x` [B, N] mean 0 and deviation 1.

    Raises:
      ValueError: a dimension of `x` is constant, so that no scale standardises it.
    """
    mean, variance = tf.nn.moments(x, axes=[0])
    # Equal numbers may leave a variance above zero: their mean is rounded.
    same = tf.reduce_min(x, 0) == tf.reduce_max(x, 0)
    constant = tf.where(same | (variance <= 0.0))[:, 0].numpy()
    if constant.size:
        raise ValueError(
            f"z: dimension {constant[0]} is constant ({float(mean[constant[0]]):g}) over the "
            f"{len(x)} rows that ActNorm starts from; drop it, add noise "
            "(iin_tf.first_stages.representation_noise), or give more rows"
        )
    return -mean, -0.5 * tf.math.log(variance)
