"""Any Keras model as a first stage."""

from typing import Any

import keras
import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.base import FirstStage
from iin_tf.first_stages.constant import ConstantDimensions


class KerasFirstStage(FirstStage):
    """Keras models as they are: nothing on them is changed, and nothing here trains them.

    An encoder with a method `encode` is asked by it; one that also has `decode` serves as its own
    decoder, one that has `classify` as its own head (so do `VariationalAutoencoder` and
    `ConvClassifier`).  Any other is called, with training=False.

    Args:
      encoder: Keras model, inputs -> (mean, log_variance) or z alone, [B, M] each.
      decoder: Keras model, z [B, M] -> outputs; None where there is none.
      head: Keras model, z [B, M] -> outputs of the rest of the model; None where there is none.
      noise: None for an encoder that returns (mean, log_variance); for z alone see `FirstStage`.
      latent_size: M, needed where the encoder does not tell it: it has neither `latent_size`
        nor a static `output_shape`.
      drop: the constant dimensions to leave out; see `FirstStage`.
      noise_kind: "proportional" or "isotropic"; see `FirstStage`.

    Raises:
      InputError: what is given is no Keras model, M is unknown, or an argument is out of range.
    """

    def __init__(
        self,
        encoder: keras.Layer,
        decoder: keras.Layer | None = None,
        head: keras.Layer | None = None,
        *,
        noise: float | None = None,
        latent_size: int | None = None,
        drop: str | ConstantDimensions | None = None,
        noise_kind: str = "proportional",
    ):
        models = {"encoder": encoder, "decoder": decoder, "head": head}
        for argument, model in models.items():
            wanted = isinstance(model, keras.Layer) or (model is None and argument != "encoder")
            if not wanted:
                raise InputError(f"{argument} is {checks.shown(model)}; give a Keras model")
        super().__init__(_latent_size(encoder, latent_size), noise, drop, noise_kind)
        self.encoder = encoder
        asked = hasattr(encoder, "encode")
        self._represent = encoder.encode if asked else _inference(encoder)
        self._generate = _part(decoder, encoder if asked else None, "decode")
        self._respond = _part(head, encoder if asked else None, "classify")

    @property
    def input_spec(self) -> tf.TensorSpec:
        """`tf.TensorSpec` of x; InputError where the encoder is not built or has several inputs."""
        inputs = getattr(self.encoder, "inputs", None)
        if inputs:
            shapes, dtype = [tensor.shape for tensor in inputs], inputs[0].dtype
        else:
            build = self.encoder.get_build_config() or {}
            shapes = [build["input_shape"]] if build.get("input_shape") else []
            dtype = self.encoder.variable_dtype
        if len(shapes) != 1:
            raise InputError(
                f"{self.encoder.name} has {len(shapes)} known inputs; give an encoder of one "
                "input, built or called once"
            )
        return tf.TensorSpec([None, *shapes[0][1:]], dtype)

    @property
    def input_range(self) -> tuple[float, float] | None:
        return getattr(self.encoder, "input_range", None)

    @property
    def has_decoder(self) -> bool:
        return self._generate is not None

    @property
    def has_head(self) -> bool:
        return self._respond is not None

    def represent(self, x: Any) -> Any:
        return self._represent(x)

    def generate(self, z: tf.Tensor) -> tf.Tensor:
        return super().generate(z) if self._generate is None else self._generate(z)

    def respond(self, z: tf.Tensor, x: Any = None) -> tf.Tensor:
        return super().respond(z, x) if self._respond is None else self._respond(z)


def _part(model, encoder, method):
    """The function of `model`, or of the encoder, by `method` where it has one; None of neither."""
    for owner in (model, encoder):
        if hasattr(owner, method):
            return getattr(owner, method)
    return None if model is None else _inference(model)


def _inference(model):
    return lambda inputs: model(inputs, training=False)


def _latent_size(encoder, given):
    known = getattr(encoder, "latent_size", None) or _output_width(encoder)
    if given is None and known is None:
        raise InputError(
            f"latent_size is None and {encoder.name} does not tell its output shape; "
            "give latent_size"
        )
    if given is not None and known is not None and given != known:
        raise InputError(
            f"latent_size is {checks.shown(given)}, but {encoder.name} returns {known}; "
            "leave latent_size out"
        )
    return known if given is None else given


def _output_width(encoder):
    try:
        shape = encoder.output_shape
    except AttributeError:
        return None
    if isinstance(shape, list):
        shape = shape[0]
    if isinstance(shape, dict):
        shape = shape.get("mean")
    return shape[-1] if shape else None
