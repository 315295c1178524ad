"""A fixed reordering of the dimensions."""

import tensorflow as tf

from iin_tf.bijectors import arguments
from iin_tf.bijectors.base import VectorBijector


class Permutation(VectorBijector):
    """Reorders the dimensions: `y[i] = x[permutation[i]]`, `log|det| = 0`.

    Args:
      permutation: int tensor [N] that holds each of 0 .. N-1 once.

    Raises:
      InputError: it holds anything else.
    """

    def __init__(
        self, permutation: tf.Tensor, dtype: tf.DType | None = None, name: str = "permutation"
    ):
        parameters = dict(locals())
        self.permutation = arguments.permutation(permutation, "permutation")
        super().__init__(
            self.permutation.shape[-1],
            parameters=parameters,
            dtype=dtype,
            name=name,
            is_constant_jacobian=True,
        )

    def _forward_and_log_det(self, x):
        return self._reorder(x, self.permutation, self._inverse_permutation()), _zero(x)

    def _inverse_and_log_det(self, y):
        return self._reorder(y, self._inverse_permutation(), self.permutation), _zero(y)

    def _inverse_permutation(self):
        # Not tf.math.invert_permutation, which other runtimes than TensorFlow lack.
        return tf.argsort(self.permutation)

    def _reorder(self, x, order, back):
        # The stock gradient of a gather is a scatter; a permutation's is a gather.  A plain one:
        # a SavedModel keeps custom gradients, but not the custom gradients of these.
        @tf.custom_gradient
        def reorder(x):
            return tf.gather(x, order, axis=-1), lambda dy: tf.gather(dy, back, axis=-1)

        return reorder(x)


def _zero(x):
    return tf.zeros(tf.shape(x)[:-1], x.dtype)
