"""Any Keras model as a first stage."""

import tensorflow as tf

from iin_tf.first_stages.base import FirstStage


class KerasFirstStage(FirstStage):
    """Keras models, frozen: their `trainable` is set to False here.

    An encoder with a method `encode` is asked by it, and serves as its own decoder where it also
    has `decode` (so do `VariationalAutoencoder` and `ConvClassifier`); any other is called, with
    training=False.

    Args:
      encoder: Keras model, inputs -> (mean, log_variance) or z alone, [B, N] each.
      decoder: Keras model, z [B, N] -> outputs; None where there is none.
      noise: None for an encoder that returns (mean, log_variance); for z alone see `FirstStage`.
      latent_size: N, needed where the encoder does not tell it: it has neither `latent_size`
        nor a static `output_shape`.

    Raises:
      ValueError: N is unknown, or `noise` is not positive.
    """

    def __init__(self, encoder, decoder=None, noise=None, latent_size=None):
        super().__init__(latent_size or _latent_size(encoder), noise)
        self.encoder = encoder
        self.decoder = decoder
        if decoder is None and hasattr(encoder, "encode") and hasattr(encoder, "decode"):
            self.decoder = encoder
        for model in (self.encoder, self.decoder):
            if model is not None:
                model.trainable = False

    @property
    def input_spec(self):
        """`tf.TensorSpec` of x; ValueError where the encoder is not built or has several inputs."""
        inputs = getattr(self.encoder, "inputs", None)
        if inputs:
            shapes, dtype = [tensor.shape for tensor in inputs], inputs[0].dtype
        else:
            build = self.encoder.get_build_config() or {}
            shapes = [build["input_shape"]] if build.get("input_shape") else []
            dtype = self.encoder.variable_dtype
        if len(shapes) != 1:
            raise ValueError(
                f"{self.encoder.name} has {len(shapes)} known inputs; give an encoder of one "
                "input, built or called once"
            )
        return tf.TensorSpec([None, *shapes[0][1:]], dtype)

    @property
    def has_decoder(self):
        return self.decoder is not None

    def represent(self, x):
        if hasattr(self.encoder, "encode"):
            return self.encoder.encode(x)
        return self.encoder(x, training=False)

    def decode(self, z):
        if self.decoder is None:
            raise ValueError(
                f"{self.encoder.name} was given no decoder; its representations cannot be decoded"
            )
        if hasattr(self.decoder, "decode"):
            return self.decoder.decode(z)
        return self.decoder(z, training=False)


def _latent_size(encoder):
    if hasattr(encoder, "latent_size"):
        return encoder.latent_size
    try:
        shape = encoder.output_shape
    except AttributeError:
        shape = None
    if isinstance(shape, list):
        shape = shape[0]
    if isinstance(shape, dict):
        shape = shape.get("mean")
    if not shape or shape[-1] is None:
        raise ValueError(
            f"latent_size is None and {encoder.name} does not tell its output shape; "
            "give latent_size"
        )
    return shape[-1]
