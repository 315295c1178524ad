"""Learning rates that change over training."""

from typing import Any

import keras
from keras import ops

from iin_tf.checks import InputError


@keras.saving.register_keras_serializable("iin_tf")
class ConstantThenLinear(keras.optimizers.schedules.LearningRateSchedule):
    """A constant learning rate that falls linearly to zero over the last part of training.

    Args:
      learning_rate: the rate before the decay.
      steps: the step at which the rate reaches zero.
      decay: the fraction of the steps, at their end, over which it falls.

    Raises:
      InputError: `steps` is below 1 or `decay` outside [0, 1].
    """

    def __init__(self, learning_rate: float, steps: int, decay: float = 0.5):
        if steps < 1:
            raise InputError(f"steps is {steps}; give 1 or more")
        if not 0 <= decay <= 1:
            raise InputError(f"decay is {decay}; give the fraction of steps, in [0, 1]")
        self.learning_rate = learning_rate
        self.steps = steps
        self.decay = decay

    def __call__(self, step: Any):
        left = self.steps - ops.cast(step, "float32")
        tail = max(self.steps * self.decay, 1.0)
        return self.learning_rate * ops.clip(left / tail, 0.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        return {"learning_rate": self.learning_rate, "steps": self.steps, "decay": self.decay}
