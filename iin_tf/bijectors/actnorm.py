"""ActNorm: a scale and a shift per dimension that start from data."""

import numpy as np
import tensorflow as tf

from iin_tf.bijectors import arguments
from iin_tf.bijectors.base import VectorBijector
from iin_tf.checks import InputError


class ActNorm(VectorBijector):
    """Shifts and scales every dimension.

    `y = exp(log_scale) * (x + shift)`, `log|det dy/dx| = sum(log_scale)`.

    Args:
      shift: float tensor [N], in units of x.
      log_scale: float tensor [N], nats.

    Raises:
      InputError: an argument is no tensor [N].

    Source: Kingma and Dhariwal, Glow (2018), section 3.1.
    """

    def __init__(self, shift: tf.Tensor, log_scale: tf.Tensor, name: str = "actnorm"):
        parameters = dict(locals())
        self.shift = arguments.tensor(shift, "shift", [None])
        self.log_scale = arguments.tensor(log_scale, "log_scale", self.shift.shape)
        super().__init__(
            self.shift.shape[-1],
            parameters=parameters,
            dtype=self.shift.dtype,
            name=name,
            is_constant_jacobian=True,
        )

    def _forward_and_log_det(self, x):
        return (x + self.shift) * tf.exp(self.log_scale), self._log_det(x)

    def _inverse_and_log_det(self, y):
        return y * tf.exp(-self.log_scale) - self.shift, -self._log_det(y)

    def _log_det(self, x):
        return tf.broadcast_to(tf.reduce_sum(self.log_scale), tf.shape(x)[:-1])


def actnorm_start(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean and log-deviation of the rows that an ActNorm starts from.

    Args:
      x: float tensor [B, N].

    Returns:
      The mean [N], in units of x, and the logarithm of the standard deviation [N].

    Raises:
      InputError: a dimension of `x` is constant, so that no scale standardises it.
    """
    # In float32 the squares of numbers below 1e-19 are zero, those above 1e19 infinite.
    mean, variance = tf.nn.moments(tf.cast(x, tf.float64), axes=[0])
    # Equal numbers may leave a variance above zero: their mean is rounded.
    same = tf.reduce_min(x, 0) == tf.reduce_max(x, 0)
    # A processor may take what is below the least normal number for zero.
    least = np.finfo(x.dtype.as_numpy_dtype).tiny
    constant = tf.where(same | (tf.sqrt(variance) < least))[:, 0].numpy()
    if constant.size:
        raise InputError(
            f"z: dimension {constant[0]} is constant ({float(mean[constant[0]]):g}; "
            f"{len(constant)} of {len(same)} dimensions are) over the {len(x)} rows that ActNorm "
            "starts from; leave such dimensions out: a first stage with drop='constant' does, or "
            "iin_tf.first_stages.ConstantDimensions; or start from rows of every kind "
            "(network.adapt)"
        )
    return tf.cast(mean, x.dtype), tf.cast(0.5 * tf.math.log(variance), x.dtype)
