"""Training of the models whose representations are interpreted."""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from ml_collections import ConfigDict

from iin_tf.data.gathering import row_gatherer
from iin_tf.data.pipeline_options import with_options
from iin_tf.models.autoencoder import VariationalAutoencoder
from iin_tf.models.classifier import ConvClassifier
from iin_tf.models.endless_fit import fit_endless
from iin_tf.models.group_autoencoder import GroupAutoencoder
from iin_tf.optimizers import ConstantThenLinear, FusedAdam
from iin_tf.training.checkpoints import Checkpoints

# Progress is printed at most this many times a run.
_EPOCHS = 10


def train_autoencoder(
    images: Any,
    settings: ConfigDict,
    seed: int,
    strategy: tf.distribute.Strategy,
    checkpoints: Checkpoints | None = None,
) -> VariationalAutoencoder:
    """A VariationalAutoencoder trained on `images` [n, h, w, c].

    Args:
      images: uint8, or floats in [0, 1]; an array or `LazyRows`.
      settings: the `first_stage` part of a config.
      seed: fixes initial weights, order and noise.
      strategy: tf.distribute strategy; `settings.batch_size` is over all its replicas.
      checkpoints: to go on from; None to train in one go.
    """
    model = _autoencoder(VariationalAutoencoder, images, settings, seed, strategy)
    return _fit(model, _shuffled(images, settings, seed), settings, checkpoints)


def train_group_autoencoder(
    images: Any,
    sampler: Any,
    settings: ConfigDict,
    seed: int,
    strategy: tf.distribute.Strategy,
    checkpoints: Checkpoints | None = None,
) -> GroupAutoencoder:
    """A GroupAutoencoder trained on pairs of `images` [n, h, w, c].

    Args:
      images: the training images.
      sampler: anything with `draw(count, step)`, pairs of rows of `images`.
      settings: as in `train_autoencoder`; a batch holds half as many pairs.
      seed: as in `train_autoencoder`.
      strategy: as in `train_autoencoder`.
      checkpoints: as in `train_autoencoder`.
    """
    model = _autoencoder(GroupAutoencoder, images, settings, seed, strategy)
    batches = _paired(images, sampler, settings.batch_size // 2)
    return _fit(model, batches, settings, checkpoints)


def train_classifier(
    images: Any,
    classes: np.ndarray,
    settings: ConfigDict,
    seed: int,
    strategy: tf.distribute.Strategy,
    checkpoints: Checkpoints | None = None,
) -> ConvClassifier:
    """A ConvClassifier trained on `images` [n, h, w, c] and int `classes` [n].

    Args: as in `train_autoencoder`.
    """
    with strategy.scope():
        model = ConvClassifier(
            int(classes.max()) + 1,
            settings.latent_size,
            image_shape=images.shape[1:],
            seed=seed,
        )
        model.compile(
            _optimizer(settings),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile=False,
        )
    return _fit(model, _shuffled(images, settings, seed, classes), settings, checkpoints)


def _autoencoder(kind, images, settings, seed, strategy):
    with strategy.scope():
        model = kind(
            settings.latent_size,
            kl_weight=settings.kl_weight,
            image_shape=images.shape[1:],
            seed=seed,
        )
        model.compile(_optimizer(settings), jit_compile=False)
    return model


def _shuffled(images, settings, seed, classes=None):
    """A function, first step -> endless batches in a random order."""
    gather = row_gatherer(images)

    def make(some):
        return gather(some) if classes is None else (gather(some), tf.gather(classes, some))

    def batches(start):
        rows = tf.data.Dataset.range(len(images)).shuffle(len(images), seed=seed).repeat()
        return rows.batch(settings.batch_size, drop_remainder=True).skip(start).map(make)

    return batches


def _paired(images, sampler, pairs):
    """A function, first step -> endless batches [2 * pairs, h, w, c].

    The members of a pair stand in neighbouring rows.
    """

    def batch(step):
        index_a, index_b, _ = sampler.draw(pairs, int(step))
        return images[np.stack([index_a, index_b], axis=1).ravel()]

    def tensor(step):
        rows = tf.numpy_function(batch, [step], images.dtype)
        rows.set_shape([2 * pairs, *images.shape[1:]])
        return rows

    return lambda start: tf.data.Dataset.counter(start).map(tensor)


def _fit(model, batches: Callable[[int], tf.data.Dataset], settings, checkpoints):
    fit_endless(
        model,
        lambda start: with_options(batches(start).prefetch(4)),
        settings.steps,
        # A divisor: no step is cut off.
        math.gcd(_EPOCHS, settings.steps),
        checkpoints,
    )
    return model


def _optimizer(settings):
    schedule = ConstantThenLinear(settings.learning_rate, settings.steps, decay=1.0)
    return FusedAdam(schedule)
