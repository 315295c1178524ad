"""How many epochs a training has."""

from ml_collections import ConfigDict

from iin_tf.checks import InputError


def epochs_of(settings: ConfigDict) -> tuple[int, int]:
    """How many epochs, and steps in each, the `training` part of a config asks for.

    Args:
      settings: has `steps` and `steps_per_epoch`.

    Raises:
      InputError: the steps are no whole number of epochs.
    """
    steps, per_epoch = settings.steps, settings.steps_per_epoch
    if steps < 1 or per_epoch < 1 or (steps > per_epoch and steps % per_epoch):
        raise InputError(
            f"training.steps is {steps} and training.steps_per_epoch {per_epoch}; give a whole "
            "number of epochs, or fewer steps than one epoch has"
        )
    return -(-steps // per_epoch), min(steps, per_epoch)
