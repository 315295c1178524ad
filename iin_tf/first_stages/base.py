"""What a frozen model must offer."""

import abc

import numpy as np
import tensorflow as tf

from iin_tf.first_stages.noise import representation_noise


class FirstStage(tf.Module, abc.ABC):
    """A frozen model: inputs x to representations z, and back where it has a decoder.

    `encode` and `decode` are functions of tensors alone, at any batch size, inside and outside of
    tf.function, and nothing in a first stage is trainable.  As a tf.Module it can be a part of
    what is exported.

    Subclasses say how to `represent` and `decode`.

    Args:
      latent_size: N, the width of the representation.
      noise: None where the model gives a log-variance of its own; for a deterministic model, the
        noise of its representation as a fraction of each dimension's spread, which `adapt` fits
        (see `representation_noise`).
    """

    def __init__(self, latent_size, noise=None):
        super().__init__()
        if noise is not None and not noise > 0:
            raise ValueError(f"noise is {noise}; give None or a positive fraction, such as 0.05")
        self.latent_size = latent_size
        self.noise = noise
        if noise is not None:
            self.noise_log_variance = tf.Variable(
                tf.fill([latent_size], float("nan")), trainable=False, name="noise_log_variance"
            )

    @abc.abstractmethod
    def represent(self, x):
        """What the model makes of x [B, ...]: (mean, log_variance) or z alone, [B, N] each."""

    @property
    @abc.abstractmethod
    def input_spec(self):
        """`tf.TensorSpec` of the inputs x, [None, ...]: what an export asks clients for."""

    @property
    @abc.abstractmethod
    def has_decoder(self):
        """Whether `decode` works."""

    @abc.abstractmethod
    def decode(self, z):
        """Outputs of representations z [B, N].

        Raises:
          ValueError: the model has no decoder.
        """

    def encode(self, x):
        """(mean, log_variance), float32 [B, N] each, of the inputs x [B, ...].

        Raises:
          ValueError: the model is deterministic and was given no noise, or noise that `adapt`
            has not fitted; or it has a log-variance of its own and was given noise.
        """
        z = self.represent(x)
        if self.noise is None:
            mean, log_variance = _moments(z)
            return tf.cast(mean, tf.float32), tf.cast(log_variance, tf.float32)
        mean = tf.cast(_representation(z), tf.float32)
        # Also seen while a graph is traced, whose numbers would be NaN without a word.
        with tf.init_scope():
            unfitted = bool(tf.reduce_any(tf.math.is_nan(self.noise_log_variance)))
        if unfitted:
            raise ValueError("the model is deterministic: call adapt(x) once, to fit its noise")
        return mean, tf.broadcast_to(self.noise_log_variance, tf.shape(mean))

    def adapt(self, x, batch_size=256):
        """Fits the noise of a deterministic model to its representations of the inputs x.

        Args:
          x: array [n, ...] of many examples, as the model will see.

        Raises:
          ValueError: the model has a log-variance of its own, or a dimension is constant.
        """
        if self.noise is None:
            raise ValueError("noise is None: there is none to fit")
        z = [
            _representation(self.represent(x[start : start + batch_size]))
            for start in range(0, len(x), batch_size)
        ]
        self.noise_log_variance.assign(representation_noise(np.concatenate(z), self.noise))

    @property
    def trainable_variables(self):
        """Empty: a first stage is frozen."""
        return ()


def _moments(z):
    if isinstance(z, dict) and set(z) == {"mean", "log_variance"}:
        return z["mean"], z["log_variance"]
    if isinstance(z, (tuple, list)) and len(z) == 2:
        return z
    if isinstance(z, (tuple, list, dict)):
        raise ValueError(
            f"the encoder has {len(z)} outputs; give one that returns (mean, log_variance) alone"
        )
    raise ValueError(
        "noise is None, but the encoder returns no log_variance; give noise, such as 0.05"
    )


def _representation(z):
    if isinstance(z, (tuple, list, dict)):
        raise ValueError(
            f"noise is given, but the encoder has {len(z)} outputs; leave noise out if they are "
            "(mean, log_variance), or give an encoder with one output"
        )
    return z
