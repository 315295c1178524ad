"""A convolutional classifier with a linear representation, to be frozen and interpreted."""

import keras
from keras import layers

from iin_tf.models.batch_trained import BatchTrained
from iin_tf.models.empty_batch import call_with_rows
from iin_tf.models.unit_images import unit_images


@keras.saving.register_keras_serializable("iin_tf")
class ConvClassifier(BatchTrained):
    """Classifies images through N linear features.

    `classify(encode(images))` are the logits.  The features are linear, because the exact zeros
    of a ReLU leave a flow's likelihood without a bound.  Train with `compile(optimizer,
    SparseCategoricalCrossentropy(from_logits=True))` and `fit(images, labels)`.

    Images are [B, height, width, channels], whole numbers in 0 .. 255 or floats in [0, 1].

    Args:
      classes: number of classes.
      latent_size: N.
      channels: features of the first convolution; the second has twice as many.
      image_shape: (height, width, channels).
      seed: fixes initial weights.

    Raises:
      ValueError: fewer than two classes, or a size below 1.
    """

    def __init__(
        self, classes, latent_size=64, channels=32, image_shape=(32, 32, 3), seed=0, **kwargs
    ):
        super().__init__(**kwargs)
        if classes < 2:
            raise ValueError(f"classes is {classes}; give 2 or more")
        for name, value in {"latent_size": latent_size, "channels": channels}.items():
            if value < 1:
                raise ValueError(f"{name} is {value}; give 1 or more")
        self.classes = classes
        self.latent_size = latent_size
        self.channels = channels
        self.image_shape = tuple(image_shape)
        self.seed = seed
        self.features = _features(self.image_shape, latent_size, channels, 100 * seed)
        self.head = layers.Dense(classes, dtype="float32", **_start(100 * seed + 4))
        self.build((None, *self.image_shape))

    def build(self, input_shape):
        self.features.build(input_shape)
        self.head.build((None, self.latent_size))
        super().build(input_shape)

    def encode(self, images):
        """Features float32 [B, N]."""
        return call_with_rows(self.features, unit_images(images))

    def classify(self, features):
        """Logits float32 [B, classes] of features [B, N]: the rest of the network."""
        return self.head(features)

    def call(self, images, training=False):
        return self.classify(self.encode(images))

    def get_config(self):
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
            layers.Conv2D(channels, 4, 4, activation="gelu", **_start(seed)),
            layers.Conv2D(2 * channels, 3, 2, "same", activation="gelu", **_start(seed + 1)),
            layers.Flatten(),
            layers.Dense(4 * channels, activation="gelu", **_start(seed + 2)),
            layers.Dense(latent_size, dtype="float32", **_start(seed + 3)),
        ],
        name="features",
    )


def _start(seed):
    return {"kernel_initializer": keras.initializers.GlorotUniform(seed)}
