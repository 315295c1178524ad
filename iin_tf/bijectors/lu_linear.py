"""An invertible linear map, kept as its LU factors."""

import tensorflow as tf
import tensorflow_probability as tfp

from iin_tf.bijectors import arguments
from iin_tf.bijectors.base import VectorBijector


class LULinear(VectorBijector):
    """Mixes the dimensions by a learned matrix `W = P L U`.

    `y = W x`, `log|det dy/dx| = sum(log_diagonal)`.  L has ones on its diagonal, U has
    `sign * exp(log_diagonal)`, which never reaches zero: W stays invertible.

    Args:
      triangles: float tensor [N, N]; its strictly lower part is L's, its strictly upper
        part is U's, its diagonal is not read.
      log_diagonal: float tensor [N], nats.
      sign: float tensor [N] of -1 and 1.
      permutation: int tensor [N], as `tf.linalg.lu` returns it.

    Raises:
      InputError: an argument is of another shape, or `permutation` is none.

    Source: Kingma and Dhariwal, Glow (2018), equations 10 and 11.
    """

    def __init__(
        self,
        triangles: tf.Tensor,
        log_diagonal: tf.Tensor,
        sign: tf.Tensor,
        permutation: tf.Tensor,
        name: str = "lu_linear",
    ):
        parameters = dict(locals())
        self.log_diagonal = arguments.tensor(log_diagonal, "log_diagonal", [None])
        size = self.log_diagonal.shape[0]
        self.triangles = arguments.tensor(triangles, "triangles", [size, size])
        self.sign = arguments.tensor(sign, "sign", [size])
        self.permutation = arguments.permutation(permutation, "permutation", size)
        super().__init__(
            size,
            parameters=parameters,
            dtype=self.triangles.dtype,
            name=name,
            is_constant_jacobian=True,
        )

    @property
    def lower_upper(self) -> tf.Tensor:
        """L and U in one matrix [N, N], as `tf.linalg.lu` and `tfb.ScaleMatvecLU` have them."""
        return tf.linalg.set_diag(self.triangles, self.sign * tf.exp(self.log_diagonal))

    def _forward_and_log_det(self, x):
        matrix = tfp.math.lu_reconstruct(self.lower_upper, self.permutation)
        rows = tf.matmul(_as_rows(x), matrix, transpose_b=True)
        return tf.reshape(rows, tf.shape(x)), self._log_det(x)

    def _inverse_and_log_det(self, y):
        columns = tf.transpose(_as_rows(y))
        rows = tf.transpose(tfp.math.lu_solve(self.lower_upper, self.permutation, columns))
        return tf.reshape(rows, tf.shape(y)), -self._log_det(y)

    def _log_det(self, x):
        return tf.broadcast_to(tf.reduce_sum(self.log_diagonal), tf.shape(x)[:-1])


def _as_rows(x):
    return tf.reshape(x, [-1, x.shape[-1]])
