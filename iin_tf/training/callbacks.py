"""What watches a training run: non-finite losses, held-out terms."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from iin_tf.models.non_finite import NonFiniteLoss
from iin_tf.training.checkpoints import Checkpoints


class StopOnNonFinite(keras.callbacks.Callback):
    """Raises NonFiniteLoss, naming the step, the flow block and the statistic.

    Args:
      checkpoints: of whose best the model gets the weights back, if there is one.
    """

    def __init__(self, checkpoints: Checkpoints):
        super().__init__()
        self.checkpoints = checkpoints

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if np.isfinite(logs["loss"]):
            return
        statistic = self.model.non_finite.first() or "the log-density of finite values"
        step = int(self.model.optimizer.iterations.numpy())
        raise NonFiniteLoss(
            f"step {step}: the loss is {logs['loss']}, because {statistic} was not finite; "
            f"{self._kept()}; lower the learning rate, or look at the latents"
        )

    def _kept(self):
        if self.checkpoints.restore_best():
            return f"the best weights so far are kept at {self.checkpoints.best_path()}"
        return "no epoch had ended, so that there are no weights to keep"


class HeldOutTerms(keras.callbacks.Callback):
    """Adds parts of the held-out likelihood to the logs of every epoch, as `val_nll/NAME`.

    Args:
      measure: function, network -> mapping name -> number.
    """

    def __init__(self, measure: Callable[[keras.Model], Mapping[str, float]]):
        super().__init__()
        self.measure = measure

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for name, value in self.measure(self.model).items():
            logs[f"val_nll/{name}"] = value
