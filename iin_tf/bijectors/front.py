"""What stands before a flow's blocks: nothing, or a linear map that is fitted to the data."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from iin_tf.bijectors.base import VectorBijector
from iin_tf.bijectors.principal_axes import PrincipalAxes, principal_axes_start
from iin_tf.checks import InputError, shown, whole

WHITEN = "whiten"


def width_behind(front: str | int | None, latent_size: int) -> int:
    """How many dimensions the blocks of a flow get behind this front.

    Raises:
      InputError: `front` is not None, "whiten" or a whole number from 2 to N.
    """
    if front is None:
        return latent_size
    if isinstance(front, str):
        if front == WHITEN:
            return latent_size
        raise InputError(
            f"front is {shown(front)}; give None, {WHITEN!r}, or the number of leading principal "
            "components that go through the flow"
        )
    return whole(front, "front", least=2, most=latent_size)


class FrontWeights:
    """The weights of `PrincipalAxes`; they start from data and are not trained.

    Args:
      latent_size: N.
    """

    def __init__(self, latent_size: int):
        self.latent_size = latent_size

    def build(self, add_weight: Callable[..., keras.Variable]) -> None:
        """Makes the weights, so that the front is the identity; `add_weight` as in `BlockSteps`."""
        size = self.latent_size
        self.mean = add_weight("front_mean", np.zeros(size), trainable=False)
        self.axes = add_weight("front_axes", np.eye(size), trainable=False)
        self.log_spread = add_weight("front_log_spread", np.zeros(size), trainable=False)

    def start(self, z: np.ndarray) -> None:
        """Makes the rows of `z` [n, N] white."""
        weights = (self.mean, self.axes, self.log_spread)
        for weight, value in zip(weights, principal_axes_start(z), strict=True):
            weight.assign(tf.cast(value, weight.dtype))

    def bijector(self) -> VectorBijector:
        """The front with the weights as they are now."""
        return PrincipalAxes(self.mean.value, self.axes.value, self.log_spread.value)
