"""Couplings: one half of the dimensions is moved by functions of the other half."""

import abc
from typing import Any, Protocol

import tensorflow as tf

from iin_tf.bijectors.base import VectorBijector
from iin_tf.checks import InputError, flag, shown


class Conditions(Protocol):
    """A conditioner: makes the moved dimensions' parameters of the fixed ones [..., N // 2]."""

    def __call__(self, fixed: tf.Tensor, /) -> Any: ...


class Coupling(VectorBijector):
    """Moves some dimensions by what a conditioner makes of the others.

    With parts `x = (a, b)`: `y = (a, f(b; c(a)))`, `log|det dy/dx| = sum(log f'(b; c(a)))`.
    a are the first `N // 2` dimensions and b the rest; with `flip` a are the last `N // 2`,
    and all places stay.

    Args:
      conditioner: callable, [..., N // 2] -> the parameters c that `move` takes.
      flip: whether the last dimensions condition the first.
      parameters: the arguments of the subclass's constructor.

    Raises:
      InputError: `conditioner` is no function, or `flip` no bool.
    """

    def __init__(
        self,
        conditioner: Conditions,
        flip: bool,
        *,
        parameters: dict[str, Any],
        dtype: tf.DType | None,
        name: str,
    ):
        if not callable(conditioner):
            raise InputError(f"conditioner is {shown(conditioner)}; give a function")
        self.conditioner = conditioner
        self.flip = flag(flip, "flip")
        super().__init__(parameters=parameters, dtype=dtype, name=name)

    @abc.abstractmethod
    def move(self, moved: tf.Tensor, parameters: Any) -> tuple[tf.Tensor, tf.Tensor]:
        """`f(moved; parameters)` [..., N - N // 2] and the logarithm of its slope, alike."""

    @abc.abstractmethod
    def move_back(self, moved: tf.Tensor, parameters: Any) -> tuple[tf.Tensor, tf.Tensor]:
        """The inverse of `move`, and the logarithm of the inverse's slope."""

    def _forward_and_log_det(self, x):
        return self._apply(self.move, x)

    def _inverse_and_log_det(self, y):
        return self._apply(self.move_back, y)

    def _apply(self, function, vectors):
        fixed, moved = self._parts(vectors)
        moved, log_slope = function(moved, self.conditioner(fixed))
        parts = [moved, fixed] if self.flip else [fixed, moved]
        return tf.concat(parts, axis=-1), tf.reduce_sum(log_slope, -1)

    def _parts(self, vectors):
        size = vectors.shape[-1]
        few, many = size // 2, size - size // 2
        if self.flip:
            moved, fixed = tf.split(vectors, [many, few], axis=-1)
        else:
            fixed, moved = tf.split(vectors, [few, many], axis=-1)
        return fixed, moved


class AffineCoupling(Coupling):
    """A coupling that scales and shifts: `f(b; s, t) = b * exp(s) + t`.

    Args:
      conditioner: callable, [..., N // 2] -> (s, t), each [..., N - N // 2].
      flip: whether the last dimensions condition the first.

    Source: Dinh et al., Real NVP (2017), equations 7 and 8.
    """

    def __init__(
        self,
        conditioner: Conditions,
        flip: bool = False,
        dtype: tf.DType | None = None,
        name: str = "coupling",
    ):
        super().__init__(conditioner, flip, parameters=dict(locals()), dtype=dtype, name=name)

    def log_scale(self, x: tf.Tensor) -> tf.Tensor:
        """The log-scales [..., N - N // 2] that moving `x` [..., N] takes."""
        return self.conditioner(self._parts(x)[0])[0]

    def move(self, moved: tf.Tensor, parameters: Any) -> tuple[tf.Tensor, tf.Tensor]:
        log_scale, shift = parameters
        return moved * tf.exp(log_scale) + shift, log_scale

    def move_back(self, moved: tf.Tensor, parameters: Any) -> tuple[tf.Tensor, tf.Tensor]:
        log_scale, shift = parameters
        return (moved - shift) * tf.exp(-log_scale), -log_scale
