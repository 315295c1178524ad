"""The ActNorms of a flow."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from iin_tf.bijectors.actnorm import ActNorm
from iin_tf.bijectors.base import VectorBijector
from iin_tf.bijectors.block_steps import BlockSteps


class ActNormSteps(BlockSteps):
    """An ActNorm in every block, whose weights do not depend on the units of its input.

    The mean and the log-deviation that the data start from stand in weights that are not
    trained.  The trained shift and log-scale stand about them, in units of the standardised
    input: training takes the same course whatever the scale and the origin of z.
    """

    names = ("actnorm",)

    def build(self, add_weight: Callable[..., keras.Variable], random: np.random.Generator) -> None:
        zeros = np.zeros((self.shape.blocks, self.shape.latent_size))
        self.shift = add_weight("actnorm_shift", zeros)
        self.log_scale = add_weight("actnorm_log_scale", zeros)
        self.start_mean = add_weight("actnorm_mean", zeros, trainable=False)
        self.start_log_deviation = add_weight("actnorm_log_deviation", zeros, trainable=False)

    def weight_count(self) -> int:
        return 4 * self.shape.blocks * self.shape.latent_size

    def start(self, means: list[tf.Tensor], log_deviations: list[tf.Tensor]) -> None:
        """Sets every block's ActNorm to standardise rows of these moments, [N] a block."""
        self.start_mean.assign(tf.stack(means))
        self.start_log_deviation.assign(tf.stack(log_deviations))
        for trained in (self.shift, self.log_scale):
            trained.assign(tf.zeros_like(trained.value))

    def unstack(self, dtype: tf.DType, product_dtype: tf.DType) -> list[list[VectorBijector]]:
        log_deviation = self.start_log_deviation.value
        shift = self.shift.value * tf.exp(log_deviation) - self.start_mean.value
        log_scale = self.log_scale.value - log_deviation
        pieces = zip(tf.unstack(shift), tf.unstack(log_scale), strict=True)
        return [[ActNorm(*piece)] for piece in pieces]
