"""The linear front of a flow: principal axes, each with unit variance."""

import numpy as np
import sklearn.covariance
import tensorflow as tf

from iin_tf.bijectors import arguments
from iin_tf.bijectors.base import VectorBijector
from iin_tf.checks import InputError, whole

# Below it a sample's covariance is too uneven to be inverted.
_ROWS_A_DIMENSION = 2


class PrincipalAxes(VectorBijector):
    """Rotates onto orthonormal axes and scales each to unit variance.

    `y = A^T (x - mean) * exp(-log_spread)`, `log|det dy/dx| = -sum(log_spread)`.

    Args:
      mean: float [N], in units of x.
      axes: float [N, N], one orthonormal axis a column.
      log_spread: float [N], log of the standard deviation along each axis, nats.

    Raises:
      InputError: an argument is of another shape.
    """

    def __init__(
        self,
        mean: tf.Tensor,
        axes: tf.Tensor,
        log_spread: tf.Tensor,
        name: str = "principal_axes",
    ):
        parameters = dict(locals())
        self.mean = arguments.tensor(mean, "mean", [None])
        size = self.mean.shape[0]
        self.axes = arguments.tensor(axes, "axes", [size, size])
        self.log_spread = arguments.tensor(log_spread, "log_spread", [size])
        super().__init__(
            size,
            parameters=parameters,
            dtype=self.mean.dtype,
            name=name,
            is_constant_jacobian=True,
        )

    def _forward_and_log_det(self, x):
        y = tf.tensordot(x - self.mean, self.axes, 1) * tf.exp(-self.log_spread)
        return y, -self._log_spread_of(x)

    def _inverse_and_log_det(self, y):
        along = y * tf.exp(self.log_spread)
        x = tf.tensordot(along, tf.transpose(self.axes), 1) + self.mean
        return x, self._log_spread_of(y)

    def _log_spread_of(self, rows):
        return tf.broadcast_to(tf.reduce_sum(self.log_spread), tf.shape(rows)[:-1])


class Trailing(VectorBijector):
    """Applies a bijector to the last dimensions, and leaves those before as they are.

    `y = (x_first, inner(x_last))`, `log|det|` that of the inner one.

    Args:
      inner: VectorBijector of `size` dimensions.
      size: how many dimensions it takes, from the end.

    Raises:
      InputError: `size` is no whole number of at least 1.
    """

    def __init__(self, inner: VectorBijector, size: int, name: str = "trailing"):
        parameters = dict(locals())
        self.inner = inner
        self.size = whole(size, "size", least=1)
        super().__init__(parameters=parameters, dtype=inner.dtype, name=name)

    def _forward_and_log_det(self, x):
        first, last = self._split(x)
        last, log_det = self.inner.forward_and_log_det(last)
        return tf.concat([first, last], -1), log_det

    def forward_and_each_log_det(self, x: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        first, last = self._split(x)
        last, log_dets = self.inner.forward_and_each_log_det(last)
        return tf.concat([first, last], -1), log_dets

    def _inverse_and_log_det(self, y):
        first, last = self._split(y)
        last, log_det = self.inner.inverse_and_log_det(last)
        return tf.concat([first, last], -1), log_det

    def _split(self, rows):
        return rows[..., : -self.size], rows[..., -self.size :]


def principal_axes_start(z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean [N], axes [N, N] and log-spread [N] of rows [n, N]; the widest axis comes last.

    With fewer than two rows a dimension the covariance is shrunk towards a multiple of the
    identity, because the smallest variances would come out far too small, or zero.

    Raises:
      InputError: all rows are equal.

    Source: Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance
    matrices" (2004), by scikit-learn.
    """
    z = np.asarray(z, np.float64)
    mean = z.mean(axis=0)
    # Shrinkage squares variances: in the data's own unit they could underflow or overflow.
    unit = np.abs(z - mean).max()
    if unit == 0:
        raise InputError(
            f"z is constant over the {len(z)} rows that the front starts from; give rows that vary"
        )
    centred = (z - mean) / unit
    if len(z) < _ROWS_A_DIMENSION * z.shape[1]:
        covariance, _ = sklearn.covariance.ledoit_wolf(centred, assume_centered=True)
    else:
        covariance = centred.T @ centred / len(z)
    variances, axes = np.linalg.eigh(covariance)
    return mean, axes, np.log(unit) + 0.5 * np.log(variances)
