"""One resumable training run of an interpretation network."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import tensorflow as tf
from ml_collections import ConfigDict

from iin_tf.interruption import save_on_signals
from iin_tf.models.endless_fit import verbosity
from iin_tf.models.watch import Watch
from iin_tf.optimizers import ConstantThenLinear, FusedAdam
from iin_tf.training.callbacks import HeldOutTerms, StopOnNonFinite
from iin_tf.training.checkpoints import Checkpoints
from iin_tf.training.epochs import epochs_of
from iin_tf.training.tensorboard import TensorBoardLog

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork


def fit_network(
    network: "InterpretationNetwork",
    batches: Callable[[int], tf.data.Dataset],
    validation: tf.data.Dataset,
    settings: ConfigDict,
    checkpoints: Checkpoints,
    tensorboard: Path | None = None,
    draw: Callable | None = None,
    measure: Callable | None = None,
    also: Sequence[keras.callbacks.Callback] = (),
) -> keras.callbacks.History:
    """Trains `network`, and leaves it with the weights of the best held-out loss.

    A run that was interrupted goes on from its newest whole checkpoint when it is called again
    with the same folder, and ends as an undisturbed one would.  SIGTERM and SIGINT wait until the
    step at work is saved.

    Args:
      network: InterpretationNetwork, made in the scope of the strategy it trains under.
      batches: function, first step -> infinite tf.data.Dataset of training batches.
      validation: finite tf.data.Dataset of held-out batches.
      settings: the `training` part of a config: steps, steps_per_epoch, learning_rate,
        beta_1, beta_2, weight_decay, clip_norm, decay, on_divergence, jit_compile, pictures_every.
      checkpoints: `Checkpoints` that monitor "val_loss".
      tensorboard: directory of TensorBoard's files, or None.
      draw: function, network -> mapping name -> image, for TensorBoard, or None.
      measure: function, network -> mapping name -> number, a part of the held-out likelihood,
        logged after every epoch as `val_nll/NAME`; or None.
      also: callbacks of the user's own; they see all logs, and come before the checkpoint.

    Returns:
      The `keras.callbacks.History` of this call.

    Raises:
      NonFiniteLoss: the loss left the finite numbers; the best weights so far are kept.
      InputError: the steps are no whole number of epochs.
      Interrupted: a signal arrived; all is saved.
    """
    epochs, per_epoch = epochs_of(settings)
    # An optimiser belongs to the strategy that it is made under.
    with network.distribute_strategy.scope():
        network.compile(_optimizer(settings), jit_compile=settings.jit_compile)
    watch = Watch(settings.on_divergence)
    callbacks: list[keras.callbacks.Callback] = []
    if settings.on_divergence == "stop":
        # At once, not at the end of the epoch.
        callbacks.append(StopOnNonFinite(checkpoints))
    if measure is not None:
        # Before all that read the logs.
        callbacks.append(HeldOutTerms(measure))
    callbacks.extend(also)
    if tensorboard is not None:
        log = TensorBoardLog(tensorboard, checkpoints, draw, settings.pictures_every)
        callbacks.append(log)
    with save_on_signals():
        return network.fit(
            batches(checkpoints.step),
            steps_per_epoch=per_epoch,
            epochs=epochs,
            validation_data=validation,
            callbacks=[*callbacks, checkpoints],
            watch=watch,
            shuffle=False,  # the data set is in a random order already
            verbose=verbosity(network),
        )


def _optimizer(settings):
    schedule = ConstantThenLinear(settings.learning_rate, settings.steps, settings.decay)
    return FusedAdam(
        schedule,
        beta_1=settings.beta_1,
        beta_2=settings.beta_2,
        weight_decay=settings.weight_decay or None,
        global_clipnorm=settings.clip_norm or None,
    )
