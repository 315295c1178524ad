"""Keras optimisers and learning-rate schedules, for any Keras model."""

from iin_tf.optimizers.fused_adam import FusedAdam
from iin_tf.optimizers.schedules import ConstantThenLinear

__all__ = ["ConstantThenLinear", "FusedAdam"]
