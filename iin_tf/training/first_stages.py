"""Training of the models whose representations are interpreted."""

import sys

import keras
import tensorflow as tf

from iin_tf.models.autoencoder import VariationalAutoencoder
from iin_tf.models.classifier import ConvClassifier
from iin_tf.optimizers import ConstantThenLinear, FusedAdam

# Progress is printed this many times a run.
_EPOCHS = 10


def train_autoencoder(images, settings, seed, strategy):
    """A VariationalAutoencoder trained on uint8 `images` [n, h, w, c].

    Args:
      images: the training images.
      settings: the `first_stage` part of a config.
      seed: fixes initial weights, order and noise.
      strategy: tf.distribute strategy; `settings.batch_size` is over all its replicas.
    """
    with strategy.scope():
        model = VariationalAutoencoder(
            settings.latent_size,
            kl_weight=settings.kl_weight,
            image_shape=images.shape[1:],
            seed=seed,
        )
        model.compile(_optimizer(settings), jit_compile=False)
    return _fit(model, images, settings, seed)


def train_classifier(images, classes, settings, seed, strategy):
    """A ConvClassifier trained on uint8 `images` [n, h, w, c] and int `classes` [n].

    Arguments as in `train_autoencoder`.
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
    return _fit(model, (images, classes), settings, seed)


def _fit(model, tensors, settings, seed):
    dataset = tf.data.Dataset.from_tensor_slices(tensors)
    rows = len(dataset)
    dataset = dataset.shuffle(rows, seed=seed).repeat()
    dataset = dataset.batch(settings.batch_size, drop_remainder=True).prefetch(4)
    options = tf.data.Options()
    # With autotuning the end of an iterator sometimes waits seconds for a background thread.
    options.autotune.enabled = False
    epochs = min(_EPOCHS, settings.steps)
    model.fit(
        dataset.with_options(options),
        epochs=epochs,
        steps_per_epoch=settings.steps // epochs,
        shuffle=False,  # the data set is in a random order already
        verbose="auto" if sys.stdout.isatty() else 2,
    )
    return model


def _optimizer(settings):
    schedule = ConstantThenLinear(settings.learning_rate, settings.steps, decay=1.0)
    return FusedAdam(schedule)
