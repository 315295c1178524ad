"""Any Keras model as a first stage."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.base import FirstStage
from iin_tf.first_stages.constant import ConstantDimensions
from iin_tf.first_stages.keras_layer import KerasLayer
from iin_tf.first_stages.whole_output import WholeOutput


class KerasFirstStage(FirstStage):
    """Keras models as they are: nothing on them is changed, and nothing here trains them.

    With `layer`, the encoder is a whole model, cut behind that layer: z is the layer's output,
    and `head(z, x)` runs the rest of the model, skip connections around the cut included.
    Nothing edited, it returns what the whole model returns.  A float64 model's z is float32.

    Without, an encoder with a method `encode` is asked by it; one that also has `decode` serves
    as its own decoder, one that has `classify` as its own head (so do `VariationalAutoencoder`
    and `ConvClassifier`).  Any other is called, with training=False.

    Args:
      encoder: Keras model, inputs -> (mean, log_variance) or z alone, [B, M] each; with `layer`,
        any built functional or sequential model.  Several inputs come as a tuple or as a dict.
      decoder: Keras model, z [B, M] -> outputs; None where there is none.
      head: Keras model, z [B, M] -> outputs of the rest of the model; None where there is none.
      layer: name of a layer to cut behind; "outer/inner" for one of a model that is a layer.
      pool: for an output that has positions (pixels, tokens): "mean", "max", "flatten", a
        whole number, the position to take, or "positions": every position that is no padding is
        a row of `encode`, and `places` tells whose.  No `head` is behind a mean or a maximum.
      noise: None for an encoder that returns (mean, log_variance); for z alone see `FirstStage`.
      latent_size: M, needed where the encoder does not tell it: it has neither `latent_size`
        nor a static `output_shape`.
      drop: the constant dimensions to leave out; see `FirstStage`.
      noise_kind: "proportional" or "isotropic"; see `FirstStage`.
      clip: see `FirstStage`.
      value_range: see `FirstStage`; told from the activation where a model is cut.
      prepare: function of x that makes the model's inputs; see `FirstStage`.  One with an
        attribute `input_spec`, a tf.TensorSpec, tells an export what it takes.

    Raises:
      InputError: what is given is no Keras model, there is no such layer, its output has
        positions and `pool` is None, M is unknown, or an argument is out of range.
    """

    def __init__(
        self,
        encoder: keras.Layer,
        decoder: keras.Layer | None = None,
        head: keras.Layer | None = None,
        *,
        layer: str | None = None,
        pool: str | int | None = None,
        noise: float | None = None,
        latent_size: int | None = None,
        drop: str | ConstantDimensions | None = None,
        noise_kind: str = "proportional",
        clip: bool = False,
        value_range: tuple[float | None, float | None] | None = None,
        prepare: Callable | None = None,
    ):
        models = {"encoder": encoder, "decoder": decoder, "head": head}
        for argument, model in models.items():
            wanted = isinstance(model, keras.Layer) or (model is None and argument != "encoder")
            if not wanted:
                raise InputError(f"{argument} is {checks.shown(model)}; give a Keras model")
        cut = _cut(encoder, layer, pool, head)
        size = _latent_size(encoder, latent_size) if cut is None else cut.size
        if cut is not None:
            value_range = value_range or cut.value_range
            if latent_size not in (None, size):
                raise InputError(f"latent_size is {checks.shown(latent_size)}, but {layer!r} "
                                 f"gives {size}; leave latent_size out")  # fmt: skip
        super().__init__(size, noise, drop, noise_kind, clip, value_range, prepare)
        self.encoder = encoder
        asked = cut is None and hasattr(encoder, "encode")
        self._represent = encoder.encode if asked else _inference(encoder)
        self._generate = _part(decoder, encoder if asked else None, "decode")
        self._respond = _part(head, encoder if asked else None, "classify")
        self._cut = cut
        if cut is not None:
            self._represent = cut.represent

    @property
    def input_spec(self) -> tf.TensorSpec:
        """`tf.TensorSpec` of x; InputError where an export cannot say what it takes."""
        if not self.keeps_rows:
            raise InputError("pool is 'positions', but an exported encode answers a row with a "
                             "row; export the network alone")  # fmt: skip
        if self._prepare is not None and hasattr(self._prepare, "input_spec"):
            return self._prepare.input_spec
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
        return self._respond is not None or (self._cut is not None and self._cut.has_head)

    @property
    def head_needs_input(self) -> bool:
        return self._cut is not None and self._cut.head_needs_input

    @property
    def keeps_rows(self) -> bool:
        return self._cut is None or self._cut.keeps_rows

    def represent(self, x: Any) -> Any:
        return self._represent(x)

    def generate(self, z: tf.Tensor) -> tf.Tensor:
        return super().generate(z) if self._generate is None else self._generate(z)

    def respond(self, z: tf.Tensor, x: Any = None) -> tf.Tensor:
        if isinstance(self._cut, KerasLayer):
            return self._cut.respond(z, x)
        return super().respond(z, x) if self._respond is None else self._respond(z)

    def locate(self, x: Any) -> tf.Tensor:
        return super().locate(x) if self.keeps_rows else self._cut.places(x)


def _cut(model, layer, pool, head):
    """The model at its layer, or at its output where that has positions; None of neither."""
    if layer is None:
        shape = None if hasattr(model, "encode") else _output_shape(model)
        if shape is None and pool is not None:
            raise InputError(f"pool is {checks.shown(pool)}, but {model.name} does not have one "
                             "output of a known shape; give layer too")  # fmt: skip
        if shape is None or (pool is None and len(shape) == 2):
            return None
        return WholeOutput(_inference(model), shape, pool, model.name)
    if head is not None:
        raise InputError("head is given with layer; leave it out: the rest of the model is it")
    return KerasLayer(model, layer, pool)


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


def _output_shape(model):
    """The shape of the one output; None where it is not known, or there are several."""
    try:
        shape = model.output_shape
    except AttributeError:
        return None
    return shape if isinstance(shape, tuple) and not isinstance(shape[0], tuple) else None


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
