"""A SavedModel of any origin as a first stage."""

import os
from pathlib import Path
from typing import Any

import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.base import FirstStage
from iin_tf.first_stages.constant import ConstantDimensions


class SavedModelFirstStage(FirstStage):
    """Signatures of a SavedModel, which need none of the code that made it.

    `encode` takes one tensor and returns outputs named mean and log_variance [B, M], or one
    output z [B, M] of any name; `decode` and `head` take one tensor [B, M] and return one.

    Args:
      path: directory of the SavedModel.
      encode: name of the signature that encodes.
      decode: name of the signature that decodes; None where there is none.
      head: name of the signature of the rest of the model; None where there is none.
      noise: None for a signature with log_variance; for z alone see `FirstStage`.
      drop: the constant dimensions to leave out; see `FirstStage`.
      noise_kind: "proportional" or "isotropic"; see `FirstStage`.
      clip: see `FirstStage`.
      value_range: see `FirstStage`.

    Raises:
      InputError: no SavedModel at `path` or a damaged one, no signature of that name, or one of
        another form.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        encode: str = "encode",
        decode: str | None = None,
        head: str | None = None,
        *,
        noise: float | None = None,
        drop: str | ConstantDimensions | None = None,
        noise_kind: str = "proportional",
        clip: bool = False,
        value_range: tuple[float | None, float | None] | None = None,
    ):
        # Kept whole, because its variables live only as long as it does.
        model = _load(path)
        encoder = _signature(model, "encode", encode)
        super().__init__(_width(encoder, encode), noise, drop, noise_kind, clip, value_range)
        self.model = model
        self._encode = encoder
        self._decode = None if decode is None else _one_output(model, "decode", decode)
        self._head = None if head is None else _one_output(model, "head", head)

    @property
    def input_spec(self) -> tf.TensorSpec:
        (spec,) = self._encode.structured_input_signature[1].values()
        return tf.TensorSpec(spec.shape, spec.dtype)

    @property
    def has_decoder(self) -> bool:
        return self._decode is not None

    @property
    def has_head(self) -> bool:
        return self._head is not None

    def represent(self, x: Any) -> Any:
        outputs = _call(self._encode, x)
        return next(iter(outputs.values())) if len(outputs) == 1 else outputs

    def generate(self, z: tf.Tensor) -> tf.Tensor:
        if self._decode is None:
            return super().generate(z)
        return next(iter(_call(self._decode, z).values()))

    def respond(self, z: tf.Tensor, x: Any = None) -> tf.Tensor:
        if self._head is None:
            return super().respond(z, x)
        return next(iter(_call(self._head, z).values()))


def _load(path):
    if not isinstance(path, str | os.PathLike) or not (Path(path) / "saved_model.pb").is_file():
        raise InputError(
            f"path is {checks.shown(path)}, which holds no saved_model.pb; give the directory "
            "that holds it"
        )
    try:
        return tf.saved_model.load(str(path))
    except (OSError, RuntimeError, ValueError, KeyError, tf.errors.OpError) as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(
            f"path is {str(path)!r}, whose SavedModel cannot be read ({reason}); export it again"
        ) from error


def _signature(model, argument, name):
    if not isinstance(name, str) or name not in model.signatures:
        raise InputError(
            f"{argument} is {checks.shown(name)}, but the SavedModel has the signatures "
            f"{sorted(model.signatures)}; give one of them"
        )
    signature = model.signatures[name]
    inputs = signature.structured_input_signature[1]
    if len(inputs) != 1:
        raise InputError(
            f"{argument} is {name!r}, a signature with inputs {sorted(inputs)}; give one with one"
        )
    return signature


def _one_output(model, argument, name):
    signature = _signature(model, argument, name)
    if len(signature.structured_outputs) != 1:
        raise InputError(
            f"{argument} is {name!r}, a signature with outputs "
            f"{sorted(signature.structured_outputs)}; give one with one"
        )
    return signature


def _width(encoder, name):
    """M, from the outputs of the signature."""
    moments = encoder.structured_outputs
    if len(moments) != 1 and set(moments) != {"mean", "log_variance"}:
        raise InputError(
            f"encode is {name!r}, a signature with outputs {sorted(moments)}; "
            "give one with mean and log_variance, or with one output"
        )
    shape = moments["mean" if len(moments) == 2 else next(iter(moments))].shape
    if shape.rank != 2 or shape[-1] is None:
        raise InputError(
            f"encode is {name!r}, a signature whose output is {shape}; give one whose output is "
            "[None, M] with a fixed width M"
        )
    return shape[-1]


def _call(signature, tensor):
    ((name, spec),) = signature.structured_input_signature[1].items()
    return signature(**{name: tf.cast(tensor, spec.dtype)})
