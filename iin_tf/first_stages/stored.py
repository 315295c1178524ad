"""Stored representations as a first stage: the model that made them is not needed."""

from typing import Any

import tensorflow as tf

from iin_tf.first_stages.base import FirstStage
from iin_tf.first_stages.constant import ConstantDimensions


class StoredLatents(FirstStage):
    """Rows of a representation that somebody has computed: `encode` adds its noise, no model.

    Constant dimensions are left out by `encode`, and put back by `decode`.

    Args:
      latent_size: M, the width of the rows.
      noise: of the rows; see `FirstStage`.
      drop: the constant dimensions to leave out; see `FirstStage`.
      noise_kind: "proportional" or "isotropic"; see `FirstStage`.
    """

    def __init__(
        self,
        latent_size: int,
        noise: float,
        drop: str | ConstantDimensions | None = "constant",
        noise_kind: str = "proportional",
    ):
        super().__init__(latent_size, noise, drop, noise_kind)

    @property
    def input_spec(self) -> tf.TensorSpec:
        return tf.TensorSpec([None, self._model_size], tf.float32)

    @property
    def has_decoder(self) -> bool:
        return True

    def represent(self, x: Any) -> tf.Tensor:
        return tf.cast(x, tf.float32)

    def generate(self, z: tf.Tensor) -> tf.Tensor:
        return z
