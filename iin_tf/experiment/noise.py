"""Stored latents with the noise that training gives them."""

import math
from typing import TYPE_CHECKING

from ml_collections import ConfigDict

from iin_tf.data.store.falling_noise import FALLEN, FallingNoise
from iin_tf.training.epochs import epochs_of

if TYPE_CHECKING:
    from iin_tf.data import LatentStore
    from iin_tf.experiment.experiment import Experiment


def samples(
    experiment: "Experiment", split: str, training: bool = False
) -> "LatentStore | FallingNoise":
    """The store of a split, its noise as at the end of training: what likelihoods are of.

    Args:
      experiment: Experiment.
      split: "train", "validation" or "test".
      training: whether the noise is that of each step, which falls if the config says so.
    """
    settings, store = experiment.config.training, experiment.store(split)
    if settings.noise_end == 1:
        return store
    return FallingNoise(store, settings.noise_end, settings.steps if training else 0)


def first_epoch(settings: ConfigDict) -> int:
    """The first epoch whose weights may be the best: before it, the noise has not fallen.

    Args:
      settings: the `training` part of a config.
    """
    return 0 if settings.noise_end == 1 else math.ceil(FALLEN * epochs_of(settings)[0]) - 1
