"""Judges: independent models, trained on images alone, that read factors from images."""

import functools
import itertools
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.data import LazyRows
from iin_tf.data.gathering import row_gatherer
from iin_tf.data.label_array import label_array
from iin_tf.data.pipeline_options import with_options
from iin_tf.first_stages import map_batches, stack_batches
from iin_tf.models.empty_batch import call_with_rows
from iin_tf.models.endless_fit import fit_endless
from iin_tf.models.image_model import ImageModel
from iin_tf.models.unit_images import check_images, unit_images
from iin_tf.optimizers import ConstantThenLinear, FusedAdam

# Binomial weights: a Gaussian blur of less than a pixel.
_BLUR = np.outer([1, 2, 1], [1, 2, 1]).astype(np.float32) / 16
# Largest standard deviation of the pixel noise in training.
_NOISE = 0.04


class Judge(ImageModel):
    """Reads one factor from images; a judge sees images only, never a representation.

    Args:
      network: Keras model, float images -> [n, outputs].
    """

    def __init__(self, network: keras.Model, **kwargs: Any):
        super().__init__(**kwargs)
        self.network = network
        self.build(network.input_shape)

    def call(self, images: Any, training: bool = False) -> tf.Tensor:
        return self._outputs(unit_images(images), training)

    @property
    def image_shape(self) -> tuple:
        """(height, width, channels) of the images."""
        return self.network.input_shape[1:]

    @functools.cached_property
    def _compiled(self):
        """The judge as a `tf.function` that is traced once for any number of images."""
        return tf.function(self, reduce_retracing=True)

    def _outputs(self, images, training):
        return call_with_rows(lambda rows: self.network(rows, training=training), images)


class CategoricalJudge(Judge):
    """Reads a class from each image.

    Each image is standardised by itself, so that dark strokes are read as well as bright ones.
    """

    def call(self, images: Any, training: bool = False) -> tf.Tensor:
        images = tf.image.per_image_standardization(unit_images(images))
        return self._outputs(images, training)

    # What its outputs stand for, where these are no whole numbers from 0 on.
    classes: np.ndarray | None = None

    def read(self, images: Any, batch_size: int = 512) -> np.ndarray:
        """The most likely class of each image [n]: int64, or what the labels were."""
        logits = stack_batches(map_batches(self._compiled, images, batch_size))
        codes = logits.argmax(axis=-1).astype(np.int64)
        return codes if self.classes is None else self.classes[codes]

    def accuracy(self, images: np.ndarray, labels: np.ndarray) -> float:
        """The fraction of images read as their label (int [n])."""
        return float(np.mean(self.read(images) == labels))


class ContinuousJudge(Judge):
    """Reads one or several continuous values from each image."""

    def read(self, images: Any, batch_size: int = 512) -> np.ndarray:
        """The values in each image: float32 [n, d]."""
        return stack_batches(map_batches(self._compiled, images, batch_size))

    def error(self, images: np.ndarray, labels: np.ndarray) -> float:
        """Mean absolute difference to the labels, float [n] or [n, d], over images and values."""
        return float(np.mean(np.abs(self.read(images) - np.reshape(labels, (len(labels), -1)))))


def train_judge(
    images: Any,
    labels: ArrayLike,
    *,
    steps: int = 1000,
    batch_size: int = 128,
    learning_rate: float = 3e-3,
    seed: int = 0,
    strategy: tf.distribute.Strategy | None = None,
    checkpoints: Any = None,
) -> CategoricalJudge | ContinuousJudge:
    """A judge of one factor, trained on images.

    Half of the images, more or less, are blurred and half made noisy a little, so that what a
    decoder makes is no foreign land.

    Args:
      images: uint8 [n, h, w, c], or floating in [0, 1]; an array or `LazyRows`.
      labels: int [n], classes from 0 on, texts or bools [n], or floating [n] or [n, d].
      steps: training steps.
      batch_size: over all replicas.
      learning_rate: of the first step; it falls linearly to zero.
      seed: fixes initial weights, order and disturbance.
      strategy: tf.distribute strategy, None for one device.
      checkpoints: `iin_tf.training.Checkpoints` to go on from; None to train in one go.

    Returns:
      CategoricalJudge or ContinuousJudge.

    Raises:
      InputError: no images, images of another kind or range, labels of another length, labels
        that are missing, or a number out of its range.
    """
    images = images if isinstance(images, LazyRows) else np.asarray(images)
    labels, classes = _coded(label_array(labels, "labels"))
    _check_examples(images, labels)
    checks.whole(batch_size, "batch_size", least=1, most=len(images))
    checks.whole(seed, "seed", least=0)
    checks.number(learning_rate, "learning_rate", above=0)
    checks.whole(steps, "steps", least=1)
    shape = images.shape[1:]
    with (strategy or tf.distribute.get_strategy()).scope():
        if np.issubdtype(labels.dtype, np.integer):
            judge = categorical_judge(shape, int(labels.max()) + 1, seed)
            judge.classes = classes
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        else:
            labels = labels.reshape(len(labels), -1).astype(np.float32)
            judge = continuous_judge(shape, labels.shape[1], seed)
            loss = keras.losses.MeanAbsoluteError()
        judge.compile(FusedAdam(ConstantThenLinear(learning_rate, steps, decay=1.0)), loss)
    batches = functools.partial(_training_batches, images, labels, batch_size, seed)
    fit_endless(judge, batches, steps, checkpoints=checkpoints)
    return judge


def _coded(labels):
    """Texts and bools as whole numbers, and the classes of these; other labels as they are."""
    if labels.dtype.kind not in "Ub":
        return labels, None
    classes = np.unique(labels[~checks.is_missing(labels)])
    return np.where(checks.is_missing(labels), -1, np.searchsorted(classes, labels)), classes


def _check_examples(images, labels):
    if not len(images) or images.ndim != 4 or labels.ndim not in (1, 2):
        raise InputError(
            f"images has shape {images.shape} and labels {labels.shape}; give images "
            "[n, height, width, channels] and labels [n] or [n, d]"
        )
    checks.check_same_length(images, labels, ("images", "labels"))
    check_images(images, "images", images.shape[1:])
    missing = np.flatnonzero(checks.is_missing(labels))
    if missing.size:
        raise InputError(
            f"labels: {missing.size} of {len(labels)} are missing, the first in row {missing[0]}; "
            "leave such examples out"
        )
    if labels.dtype.kind in "iu" and labels.ndim != 1:
        raise InputError(f"labels has shape {labels.shape}; give classes [n]")


def categorical_judge(
    image_shape: tuple[int, int, int], classes: int, seed: int = 0
) -> CategoricalJudge:
    """An untrained CategoricalJudge: a small convolutional network."""
    start = _starts(seed)
    images = layers.Input(image_shape)
    x = layers.Conv2D(32, 4, 2, "same", activation="gelu", **next(start))(images)
    x = layers.Conv2D(64, 3, 2, "same", activation="gelu", **next(start))(x)
    x = layers.Conv2D(96, 3, 2, "same", activation="gelu", **next(start))(x)
    x = layers.Dense(128, activation="gelu", **next(start))(layers.Flatten()(x))
    return CategoricalJudge(keras.Model(images, layers.Dense(classes, **next(start))(x)))


def continuous_judge(
    image_shape: tuple[int, int, int], values: int, seed: int = 0
) -> ContinuousJudge:
    """An untrained ContinuousJudge: what colours are where it looks, plus what shape it sees.

    Eight attention maps weight patches of 4 x 4 pixels, whose mean and maximum colours they
    average; a dense network reads values from them.  A convolutional path, silent at first, adds
    what depends on shape.
    """
    start = _starts(seed)
    images = layers.Input(image_shape)
    x = layers.Conv2D(32, 4, 4, "same", activation="gelu", **next(start))(images)
    looks = layers.Reshape((-1, 8))(layers.Conv2D(8, 1, **next(start))(x))
    pools = [layers.AveragePooling2D(4, padding="same"), layers.MaxPooling2D(4, padding="same")]
    colors = layers.Concatenate()([pool(images) for pool in pools])
    colors = layers.Reshape((-1, 2 * image_shape[-1]))(colors)
    seen = layers.Flatten()(layers.Dot(axes=1)([layers.Softmax(axis=1)(looks), colors]))
    seen = layers.Concatenate()([seen, layers.GlobalMaxPooling2D()(images)])
    seen = layers.Dense(64, activation="gelu", **next(start))(seen)
    shape = layers.Conv2D(24, 3, 2, "same", activation="gelu", **next(start))(x)
    shape = layers.Dense(64, activation="gelu", **next(start))(layers.Flatten()(shape))
    by_color = layers.Dense(values, **next(start))(seen)
    by_shape = layers.Dense(values, kernel_initializer="zeros")(shape)
    return ContinuousJudge(keras.Model(images, layers.Add()([by_color, by_shape])))


def _starts(seed):
    """Initial weights of one layer after the other."""
    for layer in itertools.count():
        yield {"kernel_initializer": keras.initializers.GlorotUniform(100 * seed + layer)}


def _training_batches(images, labels, batch_size, seed, start):
    """Endless batches of disturbed images and their labels, from step `start` on."""
    gather, labels = row_gatherer(images), tf.convert_to_tensor(labels)

    def make(step, rows):
        return _disturb(unit_images(gather(rows)), seed, step), tf.gather(labels, rows)

    rows = tf.data.Dataset.range(len(labels)).shuffle(len(labels), seed=seed).repeat()
    batches = rows.batch(batch_size, drop_remainder=True).enumerate().skip(start).map(make)
    return with_options(batches.prefetch(2))


def _disturb(images, seed, step):
    """Images of which about half are blurred and half made noisy, by random amounts."""
    count = tf.shape(images)[0]
    amount = tf.random.stateless_uniform([2, count, 1, 1, 1], [seed, step], -1.0, 1.0)
    blur, noise = tf.unstack(tf.nn.relu(amount))
    channels = images.shape[-1]
    kernel = tf.tile(_BLUR[:, :, None, None], [1, 1, channels, 1])
    blurred = tf.nn.depthwise_conv2d(images, kernel, [1, 1, 1, 1], "SAME")
    images += blur * (blurred - images)
    images += _NOISE * noise * tf.random.stateless_normal(tf.shape(images), [seed + 1, step])
    return tf.clip_by_value(images, 0.0, 1.0)
