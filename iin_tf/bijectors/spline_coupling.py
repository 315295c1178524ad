"""Spline couplings: one half of the dimensions runs through splines that the other half bends."""

from typing import Any

import tensorflow as tf

from iin_tf.bijectors import rational_quadratic
from iin_tf.bijectors.coupling import Conditions, Coupling
from iin_tf.checks import number


class SplineCoupling(Coupling):
    """A coupling by monotone rational-quadratic splines on [-bound, bound].

    Beyond these ends every dimension stays as it is.  The inverse solves a quadratic
    equation; nothing iterates.

    Args:
      conditioner: callable, [..., N // 2] -> `rational_quadratic.Bends` of
        [..., N - N // 2] splines.
      bound: where the splines end, in units of x.
      flip: whether the last dimensions condition the first.

    Raises:
      InputError: `bound` is not above zero.

    Source: Durkan et al., Neural Spline Flows (2019), equations 4 to 8.
    """

    def __init__(
        self,
        conditioner: Conditions,
        bound: float,
        flip: bool = False,
        dtype: tf.DType | None = None,
        name: str = "spline_coupling",
    ):
        parameters = dict(locals())
        self.bound = number(bound, "bound", above=0)
        super().__init__(conditioner, flip, parameters=parameters, dtype=dtype, name=name)

    def move(self, moved: tf.Tensor, parameters: Any) -> tuple[tf.Tensor, tf.Tensor]:
        knots = rational_quadratic.knots(parameters, self.bound)
        return rational_quadratic.forward(moved, knots)

    def move_back(self, moved: tf.Tensor, parameters: Any) -> tuple[tf.Tensor, tf.Tensor]:
        knots = rational_quadratic.knots(parameters, self.bound)
        return rational_quadratic.inverse(moved, knots)
