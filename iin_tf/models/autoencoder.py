"""A convolutional variational autoencoder, to be frozen and interpreted."""

import math
from typing import Any

import keras
import tensorflow as tf
from keras import layers

from iin_tf import checks
from iin_tf.models import batch_loss
from iin_tf.models.activations import gelu
from iin_tf.models.empty_batch import call_with_rows
from iin_tf.models.image_model import ImageModel
from iin_tf.models.unit_images import checked_image_shape, unit_images

_PATCH = 4


@keras.saving.register_keras_serializable("iin_tf")
class VariationalAutoencoder(ImageModel):
    """Encodes images to N(mean, exp(log_variance)) over N latents, and decodes latents to images.

    Trained by plain `compile(optimizer)` and `fit(images)` on
    `sum (x - decode(z))^2 + kl_weight KL(N(mean, exp(log_variance)) | N(0, I))`, the mean over
    the batch, with z drawn from the posterior: the negative evidence lower bound of a Gaussian
    likelihood with variance kl_weight / 2 for each channel of a pixel, up to constants.

    Args:
      latent_size: N.
      channels: features of each patch of 4 x 4 pixels, in the encoder and in the decoder.
      hidden: width of the two dense layers on either side of the latents.
      kl_weight: see above; smaller reconstructs better, larger makes the posterior smoother.
      image_shape: (height, width, channels).
      seed: fixes initial weights and the noise of every training step.

    Raises:
      InputError: a size below 1, or a kl_weight that is not positive.

    Source: Kingma and Welling, Auto-Encoding Variational Bayes (2014), equation 10.
    """

    def __init__(
        self,
        latent_size: int = 64,
        channels: int = 16,
        hidden: int = 512,
        kl_weight: float = 2e-3,
        image_shape: tuple[int, int, int] = (32, 32, 3),
        seed: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        latent_size = checks.whole(latent_size, "latent_size", least=1)
        channels = checks.whole(channels, "channels", least=1)
        hidden = checks.whole(hidden, "hidden", least=1)
        kl_weight = checks.number(kl_weight, "kl_weight", above=0)
        image_shape = checked_image_shape(image_shape)
        seed = checks.whole(seed, "seed")
        self.latent_size = latent_size
        self.channels = channels
        self.hidden = hidden
        self.kl_weight = kl_weight
        self.image_shape = image_shape
        self.seed = seed
        sizes = (self.image_shape, latent_size, channels, hidden, 100 * seed)
        self.encoder = _encoder(*sizes)
        self.decoder = _decoder(*sizes)
        self.squared_error = keras.metrics.Mean(name="squared_error")
        self.kl = keras.metrics.Mean(name="kl")
        self.build((None, *self.image_shape))

    def build(self, input_shape: Any) -> None:
        self.encoder.build(input_shape)
        self.decoder.build((None, self.latent_size))
        super().build(input_shape)

    def encode(self, images: Any) -> list[tf.Tensor]:
        """Posterior (mean, log_variance), float32 [B, N] each."""
        moments = call_with_rows(self.encoder, unit_images(images))
        return tf.split(moments, 2, axis=-1)

    def decode(self, z: tf.Tensor) -> tf.Tensor:
        """Images float32 [B, height, width, channels] in [0, 1] of latents z [B, N]."""
        images = call_with_rows(self.decoder, tf.convert_to_tensor(z))
        return tf.clip_by_value(images, 0.0, 1.0)

    def call(self, images: Any, training: bool = False) -> dict:
        """Dict of mean, log_variance and reconstruction.

        The reconstruction is that of the mean, or, in training, that of a posterior sample,
        not clipped, because clipping has no gradient.
        """
        mean, log_variance = self.encode(images)
        if training:
            z = mean + tf.exp(0.5 * log_variance) * self._noise(tf.shape(mean))
            reconstruction = self.decoder(z)
        else:
            reconstruction = self.decode(mean)
        return {"mean": mean, "log_variance": log_variance, "reconstruction": reconstruction}

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """The mean over this replica's images; 0 of none."""
        error, kl = self._terms(x, y_pred)
        return batch_loss.negative_mean(-error - self.kl_weight * kl, sample_weight)

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """`squared_error`: mean over pixels and channels; `kl`: nats per image."""
        error, kl = self._terms(x, y_pred)
        self.squared_error.update_state(error / math.prod(self.image_shape), sample_weight)
        self.kl.update_state(kl, sample_weight)
        return self.get_metrics_result()

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "latent_size": self.latent_size,
            "channels": self.channels,
            "hidden": self.hidden,
            "kl_weight": self.kl_weight,
            "image_shape": self.image_shape,
            "seed": self.seed,
        }

    def _terms(self, images, outputs):
        """Squared error and KL divergence, [B] each."""
        difference = unit_images(images) - outputs["reconstruction"]
        error = tf.reduce_sum(tf.square(difference), axis=(1, 2, 3))
        mean, log_variance = outputs["mean"], outputs["log_variance"]
        kl = 0.5 * (tf.square(mean) + tf.exp(log_variance) - 1.0 - log_variance)
        return error, tf.reduce_sum(kl, axis=-1)

    def _noise(self, shape):
        """Standard normal noise of this step, fixed by the seed alone.

        Each replica takes its rows of the noise that one device would draw.
        """
        first, total = batch_loss.place_in_batch(shape[0])
        step = tf.cast(self.optimizer.iterations, tf.int32)
        noise = tf.random.stateless_normal([total, shape[1]], [self.seed, step])
        return noise[first : first + shape[0]]


def _encoder(image_shape, latent_size, channels, hidden, seed):
    return keras.Sequential(
        [
            layers.Input(image_shape),
            *_fitting(layers.ZeroPadding2D, image_shape),
            layers.Conv2D(channels, _PATCH, _PATCH, activation=gelu, **_start(seed)),
            layers.Flatten(),
            layers.Dense(hidden, activation=gelu, **_start(seed + 1)),
            layers.Dense(hidden, activation=gelu, **_start(seed + 2)),
            layers.Dense(2 * latent_size, dtype="float32", **_start(seed + 3)),
        ],
        name="encoder",
    )


def _decoder(image_shape, latent_size, channels, hidden, seed):
    grid = (-(-image_shape[0] // _PATCH), -(-image_shape[1] // _PATCH), channels)
    # Kernels twice as wide as their stride overlap, which leaves no seams between patches.
    to_pixels = layers.Conv2DTranspose(
        image_shape[2], 2 * _PATCH, _PATCH, "same", dtype="float32", **_start(seed + 7)
    )
    return keras.Sequential(
        [
            layers.Input((latent_size,)),
            layers.Dense(hidden, activation=gelu, **_start(seed + 4)),
            layers.Dense(hidden, activation=gelu, **_start(seed + 5)),
            layers.Dense(math.prod(grid), activation=gelu, **_start(seed + 6)),
            layers.Reshape(grid),
            to_pixels,
            *_fitting(layers.Cropping2D, image_shape),
        ],
        name="decoder",
    )


def _fitting(layer, image_shape):
    """The layer that adds, or takes away, what the sides lack to multiples of a patch."""
    margins = [(0, -side % _PATCH) for side in image_shape[:2]]
    return [layer(margins, dtype="float32")] if any(margins[0] + margins[1]) else []


def _start(seed):
    return {"kernel_initializer": keras.initializers.GlorotUniform(seed)}
