"""Ada-GVAE: a variational autoencoder that learns from pairs which share something."""

from typing import Any

import keras
import tensorflow as tf

from iin_tf.models.autoencoder import VariationalAutoencoder


@keras.saving.register_keras_serializable("iin_tf")
class GroupAutoencoder(VariationalAutoencoder):
    """The VariationalAutoencoder trained on pairs, not told what a pair shares.

    Batches of training hold pairs in neighbouring rows, [2B, height, width, channels].  In the
    dimensions whose posteriors differ least (`shared_dimensions`) both members of a pair get the
    average posterior; the loss is then the autoencoder's, over all rows.  Everything else,
    encoding and decoding of single images included, is the autoencoder's.

    Source: Locatello et al., Weakly-Supervised Disentanglement Without Compromises (2020,
    arXiv 2002.02886), section 4, with the averages of Hosoya (2019, arXiv 1809.02383).
    """

    def call(self, images: Any, training: bool = False) -> dict:
        if not training:
            return super().call(images)
        mean, log_variance = average_shared(*self.encode(images))
        z = mean + tf.exp(0.5 * log_variance) * self._noise(tf.shape(mean))
        reconstruction = self.decoder(z)
        return {"mean": mean, "log_variance": log_variance, "reconstruction": reconstruction}


def average_shared(mean: tf.Tensor, log_variance: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Posteriors [2B, N] of pairs in neighbouring rows, averaged in the dimensions they share.

    Means and variances are averaged, as in section 4, "GVAE".
    """
    message = "a batch of training holds pairs: give an even number of images to each replica"
    tf.debugging.assert_equal(tf.shape(mean)[0] % 2, 0, message)
    shape, pairs = tf.shape(mean), [-1, 2, mean.shape[-1]]
    mean, log_variance = tf.reshape(mean, pairs), tf.reshape(log_variance, pairs)
    shared = shared_dimensions(mean, log_variance)[:, None]
    variance = tf.exp(log_variance)
    average = tf.math.log(tf.reduce_mean(variance, axis=1, keepdims=True))
    log_variance = tf.where(shared, average, log_variance)
    mean = tf.where(shared, tf.reduce_mean(mean, axis=1, keepdims=True), mean)
    return tf.reshape(mean, shape), tf.reshape(log_variance, shape)


def shared_dimensions(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """Which dimensions a pair is taken to share, bool [B, N].

    Those whose divergence KL(first | second) is below the middle between the least and the
    greatest of the pair's dimensions.

    Args:
      mean: [B, 2, N], of the two members' posteriors.
      log_variance: [B, 2, N].
    """
    first, second = tf.unstack(mean, axis=1)
    log_first, log_second = tf.unstack(log_variance, axis=1)
    ratio = tf.exp(log_first - log_second)
    distance = tf.square(first - second) * tf.exp(-log_second)
    divergence = tf.stop_gradient(0.5 * (ratio + distance - 1.0 - (log_first - log_second)))
    least = tf.reduce_min(divergence, axis=-1, keepdims=True)
    greatest = tf.reduce_max(divergence, axis=-1, keepdims=True)
    return divergence < 0.5 * (least + greatest)
