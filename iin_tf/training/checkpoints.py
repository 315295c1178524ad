"""Checkpoints of a training, from which the same command goes on as if nothing had happened."""

import os
import time
import warnings
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from iin_tf import checks, interruption
from iin_tf.private_apis.keras import begin_at_epoch
from iin_tf.training.checkpoint_folder import CheckpointFolder
from iin_tf.training.model_state import (
    add_metrics,
    model_arrays,
    random_state,
    restore,
    restore_random,
)
from iin_tf.workers.together import Workers

# What ends an epoch of which a part was trained before; nobody else's `stop_training`.
_REST_IS_DONE = object()
# What Keras's EarlyStopping and ReduceLROnPlateau count.
_COUNTS = ("wait", "best", "best_epoch", "stopped_epoch", "cooldown_counter")
_START = {"step": 0, "epoch": 0, "offset": 0, "best": None, "finished": False}


class Checkpoints(keras.callbacks.Callback):
    """Saves all of a training with `fit`, and goes on from the newest whole checkpoint.

    A checkpoint holds weights, optimiser, the seeds of layers, metrics, the place in the data, the
    global random state, the best held-out loss so far and the epochs since.  It is written after
    every epoch, and within one by steps and minutes.  Data must begin at `step`:

        checkpoints = Checkpoints("checkpoints", minutes=10)
        model.fit(batches(checkpoints.step), steps_per_epoch=500, callbacks=[checkpoints])

    Give it last: what other callbacks do at the end of an epoch then comes before it is saved.

    Args:
      directory: of the checkpoints of this training alone; made when there is none.
      steps: steps between checkpoints within an epoch; 0 for none.
      minutes: minutes after which one is due within an epoch; 0 for none.
      keep: how many of the newest stay.
      monitor: name of the loss in the logs whose lowest value is the best, such as "val_loss"; the
        checkpoint of it stays too, and the model ends with its weights.  None for no best.
      patience: epochs without a better one after which training stops; None for no end.
      first: the first epoch that can be the best.
      also: Keras's EarlyStopping and ReduceLROnPlateau of the same `fit`, whose counts are kept.

    Raises:
      InputError: a number out of its range, or `patience` without `monitor`.
    """

    def __init__(
        self,
        directory: str | os.PathLike,
        *,
        steps: int = 0,
        minutes: float = 0,
        keep: int = 2,
        monitor: str | None = None,
        patience: int | None = None,
        first: int = 0,
        also: Sequence[keras.callbacks.Callback] = (),
    ):
        super().__init__()
        self._folder = CheckpointFolder(
            checks.path(directory, "directory"), checks.whole(keep, "keep", least=1)
        )
        self._every = checks.whole(steps, "steps", least=0)
        self._seconds = 60 * checks.number(minutes, "minutes", least=0)
        if patience is not None and monitor is None:
            raise checks.InputError("patience is given and monitor is None; name a loss")
        self._monitor, self._patience, self._also = monitor, patience, list(also)
        self._first = checks.whole(first, "first", least=0)
        self._found: Any = None
        self._is_read = False
        self._state: dict[str, Any] = {}
        self._resumed: Any = None

    # What users ask it

    @property
    def step(self) -> int:
        """How many steps lie behind the newest whole checkpoint: where the data go on."""
        return self._newest_state()["step"]

    @property
    def epoch(self) -> int:
        """How many whole epochs lie behind it."""
        return self._newest_state()["epoch"]

    @property
    def best(self) -> dict[str, Any] | None:
        """The best so far: its "loss", "epoch" and "step"; None before the first."""
        return (self._state or self._newest_state())["best"]

    def restore_best(self) -> bool:
        """Gives the model its best weights back; False if there are none yet."""
        if self.best is None:
            return False
        self._give_back(self._folder.best({"best": self.best}))
        return True

    def best_path(self) -> str:
        """The folder of the best checkpoint."""
        return str(self._folder.path_of(self.best["step"])) if self.best else ""

    # What Keras calls

    def on_train_begin(self, logs: Any = None) -> None:
        model, found = self.model, self._newest()
        if not model.optimizer.built:
            with model.distribute_strategy.scope():
                model.optimizer.build(model.trainable_variables)
        self._state, self._resumed = self._newest_state(), found
        self._workers = Workers(model.distribute_strategy)
        self._check_workers(found)
        # The next to ask sees what is written from now on.
        self._found, self._is_read = None, False
        if found is not None:
            self._give_back(found)
            restore_random(found.arrays["random"], self._state["python"])
        finished = self._state["finished"]
        begin_at_epoch(model, self.params["epochs"] if finished else self._state["epoch"])
        self._offset = self._done = self._state["offset"]
        self._begun, self._saved_at = self._state["step"] - self._offset, time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        begin_at_epoch(self.model, None)
        if self._resumed is None:
            return
        # Only now: callbacks begin every training anew.
        for callback, counts in zip(self._also, self._state["also"], strict=True):
            vars(callback).update(counts)
        if not self._offset:
            self._resumed = None

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._done = self._offset + batch + 1
        if self._resumed is not None:
            # Only now: Keras makes some metrics in the first step.
            found, self._resumed = self._resumed, None
            add_metrics(self.model, found.arrays, found.state["variables"], found.path)
        if self._done == self.params["steps"]:
            # What is due comes with the end of the epoch.
            if self._offset:
                self.model.stop_training = _REST_IS_DONE
        elif self._is_due():
            self._save({"step": self._begun + self._done, "offset": self._done})
            interruption.leave_if_asked()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.model.stop_training is _REST_IS_DONE:
            self.model.stop_training = False
        logs = logs or {}
        self._begun, self._offset, self._done = self._begun + self._done, 0, 0
        # Weights that are lost are nothing to go on from.
        if np.isfinite(logs.get("loss", 0.0)):
            if self._monitor is not None and epoch >= self._first:
                self._compare(epoch, logs)
            finished = bool(self.model.stop_training)
            place = {"epoch": epoch + 1, "step": self._begun, "offset": 0}
            self._save({**place, "finished": finished})
        interruption.leave_if_asked()

    def on_train_end(self, logs: Any = None) -> None:
        begin_at_epoch(self.model, None)
        if self._monitor is not None:
            self.restore_best()

    # How it works

    def _check_workers(self, found):
        if not self._workers.same(self._state["step"]):
            raise checks.InputError(
                f"the workers see different checkpoints in {self._folder.directory}; give a folder "
                "on a file system that all of them share"
            )
        replicas = self.model.distribute_strategy.num_replicas_in_sync
        before = replicas if found is None else self._state.get("replicas", replicas)
        if before != replicas and self._workers.is_chief:
            warnings.warn(
                f"{found.path} was trained by {before} replicas, and there are {replicas} now: it "
                "goes on with the same examples, but sums are rounded in another order",
                stacklevel=2,
            )
        self._state["replicas"] = replicas

    def _newest(self):
        if not self._is_read:
            self._found, self._is_read = self._folder.newest(), True
        return self._found

    def _newest_state(self):
        found = self._newest()
        return dict(_START) if found is None else dict(found.state)

    def _give_back(self, found):
        restore(self.model, found.arrays, found.state["variables"], found.path)

    def _is_due(self):
        by_steps = self._every and self._done % self._every == 0
        late = self._seconds and time.monotonic() - self._saved_at >= self._seconds
        # All workers or none: what is saved, they read together.
        return self._workers.any(bool(interruption.is_asked() or by_steps or late))

    def _compare(self, epoch, logs):
        """Notes a better loss, and stops where none has come for long."""
        if self._monitor not in logs:
            raise checks.InputError(
                f"monitor is {self._monitor!r}; the logs of an epoch have {sorted(logs)}"
            )
        loss, best = float(logs[self._monitor]), self._state["best"]
        if np.isfinite(loss) and (best is None or loss < best["loss"]):
            self._state["best"] = {"loss": loss, "epoch": epoch, "step": self._begun}
        elif best is not None and self._patience and epoch - best["epoch"] >= self._patience:
            self.model.stop_training = True

    def _save(self, place):
        arrays, variables = model_arrays(self.model)
        arrays["random"], python = random_state()
        also = [_counts(callback) for callback in self._also]
        self._state |= {**place, "python": python, "also": also, "variables": variables}
        if self._workers.is_chief:
            self._folder.add(arrays, self._state)
        self._workers.wait()
        self._saved_at = time.monotonic()


def _counts(callback):
    return {name: _plain(value) for name, value in vars(callback).items() if name in _COUNTS}


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value
