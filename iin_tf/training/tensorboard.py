"""A training run for TensorBoard, without gaps or doubles however often it was interrupted."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from iin_tf import files
from iin_tf.training.checkpoints import Checkpoints

_TRAIN, _HELD_OUT = "train", "validation"
_VAL = "val_"


class TensorBoardLog(keras.callbacks.Callback):
    """Writes every epoch's logs as Keras's own callback names them, and pictures.

    An epoch is on file before a checkpoint counts it; what was written of later ones is taken away
    when a training goes on, because it comes again.  Give it before the checkpoints.

    Args:
      directory: TensorBoard's; `train` and `validation` are the runs in it.
      checkpoints: of the training.
      draw: function, model -> mapping name -> image [H, W, c] in [0, 1]; None for no pictures.
      every: epochs between pictures.
    """

    def __init__(
        self,
        directory: Path,
        checkpoints: Checkpoints,
        draw: Callable[[keras.Model], Mapping[str, np.ndarray]] | None = None,
        every: int = 1,
    ):
        super().__init__()
        self.directory, self.checkpoints = Path(directory), checkpoints
        self.draw, self.every = draw, every

    def on_train_begin(self, logs: Any = None) -> None:
        for run in (self.directory, self.directory / _TRAIN, self.directory / _HELD_OUT):
            for path in sorted(run.glob("events.out.tfevents.*")):
                forget_from(path, self.checkpoints.epoch)
        self._writers: dict[str, tf.summary.SummaryWriter] = {}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        values = {**(logs or {}), "learning_rate": float(self.model.optimizer.learning_rate)}
        for name, value in values.items():
            run = _HELD_OUT if name.startswith(_VAL) else _TRAIN
            with self._writer(run).as_default(step=epoch):
                tf.summary.scalar(f"epoch_{name.removeprefix(_VAL)}", value)
        if self.draw is not None and (epoch + 1) % self.every == 0:
            with self._writer("").as_default(step=epoch):
                for name, image in self.draw(self.model).items():
                    tf.summary.image(name, image[None].astype("float32"))
        for writer in self._writers.values():
            writer.flush()

    def on_train_end(self, logs: Any = None) -> None:
        for writer in self._writers.values():
            writer.close()

    def _writer(self, run):
        if run not in self._writers:
            self._writers[run] = tf.summary.create_file_writer(str(self.directory / run))
        return self._writers[run]


def forget_from(path: Path, step: int) -> None:
    """Leaves out of an event file what is of `step` or later, and an end that was cut off.

    Args:
      path: of the file, which is replaced as a whole where there is something to leave out.
      step: the first that goes.
    """
    kept, whole = [], True
    for record in _records(path):
        event = None if record is None else tf.compat.v1.Event.FromString(record)
        if event is None or (event.HasField("summary") and event.step >= step):
            whole = False
        else:
            kept.append(record)
    if whole:
        return
    with files.whole_file(path) as temporary, tf.io.TFRecordWriter(str(temporary)) as writer:
        for record in kept:
            writer.write(record)


def losses(directory: Path) -> dict[str, dict[int, float]]:
    """The loss of each epoch, from 1 on, as `TensorBoardLog` wrote it: of "training", "held out".

    Args:
      directory: TensorBoard's; a run that is not in it is left out.
    """
    runs = {"training": _TRAIN, "held out": _HELD_OUT}
    found = {name: _scalars(Path(directory) / run, "epoch_loss") for name, run in runs.items()}
    return {name: values for name, values in found.items() if values}


def _scalars(run: Path, tag: str) -> dict[int, float]:
    found = {}
    for path in sorted(run.glob("events.out.tfevents.*")):
        for record in _records(path):
            event = tf.compat.v1.Event.FromString(record or b"")
            for value in event.summary.value:
                if value.tag == tag:
                    found[event.step + 1] = float(tf.make_ndarray(value.tensor))
    return found


def _records(path: Path) -> Iterator[bytes | None]:
    """The records of an event file; None last where its end was cut off."""
    try:
        for record in tf.data.TFRecordDataset(str(path)):
            yield record.numpy()
    except tf.errors.DataLossError:
        yield None
