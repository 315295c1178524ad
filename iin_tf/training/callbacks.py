"""What watches a training run: best weights, non-finite losses, held-out terms, pictures."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from iin_tf import files
from iin_tf.models.non_finite import NonFiniteLoss


class KeepBest(keras.callbacks.Callback):
    """Keeps the weights with the lowest held-out loss on disk, and stops when it stalls.

    What is kept survives a crash: a resumed run goes on from the best so far.  At the end
    of training the model holds the best weights.

    Args:
      directory: where `best.weights.h5` and `best.json` are written.
      patience: epochs without improvement after which training stops.
      monitor: name of the loss in the logs.
    """

    def __init__(self, directory: Path, patience: int, monitor: str = "val_loss"):
        super().__init__()
        self.weights_path = directory / "best.weights.h5"
        self.state_path = directory / "best.json"
        self.patience = patience
        self.monitor = monitor

    def on_train_begin(self, logs: Any = None) -> None:
        self.state: dict[str, Any] = {"loss": None, "epoch": None}
        if self.state_path.exists():
            self.state = files.read_json(self.state_path, {"loss": float, "epoch": int})

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss = float(logs[self.monitor])
        best = self.state["loss"]
        if np.isfinite(loss) and (best is None or loss < best):
            self.state = {"loss": loss, "epoch": epoch}
            with files.whole_file(self.weights_path) as temporary:
                self.model.save_weights(temporary, overwrite=True)
            files.write_json(self.state_path, self.state)
        elif self.state["epoch"] is not None and epoch - self.state["epoch"] >= self.patience:
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        self.restore()

    def restore(self) -> bool:
        """Gives the model its best weights back; False if there are none yet."""
        if self.state["epoch"] is None:
            return False
        self.model.load_weights(self.weights_path)
        return True


class StopOnNonFinite(keras.callbacks.Callback):
    """Raises NonFiniteLoss, naming the step, the flow block and the statistic.

    Args:
      keep: the KeepBest whose weights the model gets back, if there are any.
    """

    def __init__(self, keep: KeepBest):
        super().__init__()
        self.keep = keep

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
        if self.keep.restore():
            return f"the best weights so far are kept at {self.keep.weights_path}"
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


class SwapPictures(keras.callbacks.Callback):
    """Writes swap grids to TensorBoard after every few epochs.

    Args:
      log_directory: TensorBoard's directory.
      draw: function, network -> mapping name -> image [H, W, c] in [0, 1].
      every: epochs between pictures.
    """

    def __init__(
        self,
        log_directory: Path,
        draw: Callable[[keras.Model], Mapping[str, np.ndarray]],
        every: int,
    ):
        super().__init__()
        self.writer = tf.summary.create_file_writer(str(log_directory))
        self.draw = draw
        self.every = every

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if (epoch + 1) % self.every:
            return
        with self.writer.as_default():
            for name, image in self.draw(self.model).items():
                tf.summary.image(name, image[None].astype("float32"), step=epoch)
        self.writer.flush()
