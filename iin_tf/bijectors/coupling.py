"""Affine coupling: one half scales and shifts the other."""

import tensorflow as tf

from iin_tf.bijectors.base import VectorBijector


class AffineCoupling(VectorBijector):
    """Scales and shifts one half of the dimensions by functions of the other half.

    With halves `x = (a, b)`: `y = (a, b * exp(s(a)) + t(a))`, `log|det| = sum(s(a))`;
    with `flip` the halves change roles, their places stay.

    Args:
      conditioner: callable, [..., N/2] -> (s, t), each [..., N/2].
      flip: whether the second half conditions the first.

    Source: Dinh et al., Real NVP (2017), equations 7 and 8.
    """

    def __init__(self, conditioner, flip=False, dtype=None, name="coupling"):
        parameters = dict(locals())
        self.conditioner = conditioner
        self.flip = flip
        super().__init__(parameters=parameters, dtype=dtype, name=name)

    def _forward_and_log_det(self, x):
        fixed, moved = self._halves(x)
        log_scale, shift = self.conditioner(fixed)
        moved = moved * tf.exp(log_scale) + shift
        return self._join(fixed, moved), tf.reduce_sum(log_scale, -1)

    def _inverse_and_log_det(self, y):
        fixed, moved = self._halves(y)
        log_scale, shift = self.conditioner(fixed)
        moved = (moved - shift) * tf.exp(-log_scale)
        return self._join(fixed, moved), -tf.reduce_sum(log_scale, -1)

    def _halves(self, x):
        first, second = tf.split(x, 2, axis=-1)
        return (second, first) if self.flip else (first, second)

    def _join(self, fixed, moved):
        return tf.concat([moved, fixed] if self.flip else [fixed, moved], axis=-1)
