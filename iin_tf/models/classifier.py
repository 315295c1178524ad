"""A convolutional classifier with a linear representation, to be frozen and interpreted."""

from typing import Any

import keras
import tensorflow as tf
from keras import layers

from iin_tf import checks
from iin_tf.models.activations import gelu
from iin_tf.models.empty_batch import call_with_rows
from iin_tf.models.image_model import ImageModel
from iin_tf.models.unit_images import checked_image_shape, unit_images


@keras.saving.register_keras_serializable("iin_tf")
class ConvClassifier(ImageModel):
    """Classifies images through N linear features.

    `classify(encode(images))` are the logits.  The features are linear, because the exact zeros
    of a ReLU leave a flow's likelihood without a bound.  Train with `compile(optimizer,
    SparseCategoricalCrossentropy(from_logits=True))` and `fit(images, labels)`.

    Args:
      classes: number of classes.
      latent_size: N.
      channels: features of the first convolution; the second has twice as many.
      image_shape: (height, width, channels).
      seed: fixes initial weights.

    Raises:
      InputError: fewer than two classes, or a size below 1.
    """

    def __init__(
        self,
        classes: int,
        latent_size: int = 64,
        channels: int = 32,
        image_shape: tuple[int, int, int] = (32, 32, 3),
        seed: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        classes = checks.whole(classes, "classes", least=2)
        latent_size = checks.whole(latent_size, "latent_size", least=1)
        channels = checks.whole(channels, "channels", least=1)
        image_shape = checked_image_shape(image_shape)
        seed = checks.whole(seed, "seed")
        self.classes = classes
        self.latent_size = latent_size
        self.channels = channels
        self.image_shape = image_shape
        self.seed = seed
        self.features = _features(self.image_shape, latent_size, channels, 100 * seed)
        self.head = layers.Dense(classes, dtype="float32", **_start(100 * seed + 4))
        self.build((None, *self.image_shape))

    def build(self, input_shape: Any) -> None:
        self.features.build(input_shape)
        self.head.build((None, self.latent_size))
        super().build(input_shape)

    def encode(self, images: Any) -> tf.Tensor:
        """Features float32 [B, N]."""
        return call_with_rows(self.features, unit_images(images))

    def classify(self, features: tf.Tensor) -> tf.Tensor:
        """Logits float32 [B, classes] of features [B, N]: the rest of the network."""
        return self.head(features)

    def call(self, images: Any, training: bool = False) -> tf.Tensor:
        return self.classify(self.encode(images))

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "classes": self.classes,
            "latent_size": self.latent_size,
            "channels": self.channels,
            "image_shape": self.image_shape,
            "seed": self.seed,
        }


def _features(image_shape, latent_size, channels, seed):
    return keras.Sequential(
        [
            layers.Input(image_shape),
            layers.Conv2D(channels, 4, 4, activation=gelu, **_start(seed)),
            layers.Conv2D(2 * channels, 3, 2, "same", activation=gelu, **_start(seed + 1)),
            layers.Flatten(),
            layers.Dense(4 * channels, activation=gelu, **_start(seed + 2)),
            layers.Dense(latent_size, dtype="float32", **_start(seed + 3)),
        ],
        name="features",
    )


def _start(seed):
    return {"kernel_initializer": keras.initializers.GlorotUniform(seed)}
