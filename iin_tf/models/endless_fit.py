"""Training on endless batches, from a checkpoint where there is one."""

import contextlib
import sys
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from iin_tf.interruption import save_on_signals
from iin_tf.workers.together import Workers


def fit_endless(
    model: keras.Model,
    batches: Callable[[int], tf.data.Dataset],
    steps: int,
    epochs: int = 1,
    checkpoints: Any = None,
) -> None:
    """Trains `model` on endless batches for so many steps.

    Args:
      model: compiled.
      batches: function, first step -> endless batches from there.
      steps: of all epochs, a multiple of these.
      epochs: how often progress is told.
      checkpoints: `iin_tf.training.Checkpoints` to go on from; signals then wait until the step at
        work is saved.  None to train in one go.
    """
    kept = checkpoints is not None
    with save_on_signals() if kept else contextlib.nullcontext():
        model.fit(
            batches(checkpoints.step if kept else 0),
            epochs=epochs,
            steps_per_epoch=steps // epochs,
            callbacks=[checkpoints] if kept else [],
            shuffle=False,  # the data set is in a random order already
            verbose=verbosity(model),
        )


def verbosity(model: keras.Model) -> str | int:
    """What `fit` prints: a bar on a terminal, else a line an epoch; one of several workers does."""
    if not Workers(model.distribute_strategy).is_chief:
        return 0
    return "auto" if sys.stdout.isatty() else 2
