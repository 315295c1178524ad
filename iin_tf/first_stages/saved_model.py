"""A SavedModel of any origin as a first stage."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.base import FirstStage
from iin_tf.first_stages.constant import ConstantDimensions
from iin_tf.first_stages.positions import Positions


class SavedModelFirstStage(FirstStage):
    """Signatures of a SavedModel, which need none of the code that made it.

    `encode` takes one tensor and returns outputs named mean and log_variance [B, M], or z of any
    name; `decode` and `head` take one tensor [B, M] and return one.

    Args:
      path: directory of the SavedModel.
      encode: name of the signature that encodes.
      decode: name of the signature that decodes; None where there is none.
      head: name of the signature of the rest of the model; None where there is none.
      output: name of the output of `encode` that is z; None where there is one alone.
      pool: for a z with positions (frames, pixels), [B, ..., C]: "mean", "max", "flatten", a whole
        number, the position to take, or "positions": every position is a row, and `places` tells
        whose.  A SavedModel tells no padding: all positions count.
      noise: None for a signature with log_variance; for z alone see `FirstStage`.
      drop: the constant dimensions to leave out; see `FirstStage`.
      noise_kind: "proportional" or "isotropic"; see `FirstStage`.
      clip: see `FirstStage`.
      value_range: see `FirstStage`.
      prepare: function of x that makes the signature's input; see `FirstStage`.  One with an
        attribute `input_spec`, a tf.TensorSpec, tells an export what it takes.

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
        output: str | None = None,
        pool: str | int | None = None,
        noise: float | None = None,
        drop: str | ConstantDimensions | None = None,
        noise_kind: str = "proportional",
        clip: bool = False,
        value_range: tuple[float | None, float | None] | None = None,
        prepare: Callable | None = None,
    ):
        # Kept whole, because its variables live only as long as it does.
        model = _load(path)
        encoder = _signature(model, "encode", encode)
        self._output = _z_of(encoder, encode, output)
        shape = _shape(encoder, encode, self._output)
        if self._output is None and pool is not None:
            raise InputError(f"pool is {checks.shown(pool)}, but {encode!r} gives mean and "
                             "log_variance; leave pool out, or give output")  # fmt: skip
        self._positions = Positions(shape, pool, self._output or "mean")
        size = self._positions.size
        super().__init__(size, noise, drop, noise_kind, clip, value_range, prepare)
        self.model = model
        self._encode = encoder
        self._decode = None if decode is None else _one_output(model, "decode", decode, size)
        self._head = None if head is None else _one_output(model, "head", head, size)

    @property
    def input_spec(self) -> tf.TensorSpec:
        if not self.keeps_rows:
            raise InputError("pool is 'positions', but an exported encode answers a row with a "
                             "row; export the network alone")  # fmt: skip
        if self._prepare is not None and hasattr(self._prepare, "input_spec"):
            return self._prepare.input_spec
        return self.signature_input

    @property
    def signature_input(self) -> tf.TensorSpec:
        """What `encode`'s signature takes: the shape and dtype of x once it is prepared."""
        (spec,) = self._encode.structured_input_signature[1].values()
        return tf.TensorSpec(spec.shape, spec.dtype)

    @property
    def has_decoder(self) -> bool:
        return self._decode is not None

    @property
    def has_head(self) -> bool:
        return self._head is not None

    @property
    def keeps_rows(self) -> bool:
        return self._positions.pool != "positions"

    @property
    def gives_moments(self) -> bool:
        """Whether `encode`'s signature gives mean and log_variance, and takes no noise."""
        return self._output is None

    def represent(self, x: Any) -> Any:
        outputs = _call(self._encode, x)
        return outputs if self._output is None else self._positions.pooled(outputs[self._output])

    def locate(self, x: Any) -> tf.Tensor:
        if self.keeps_rows:
            return super().locate(x)
        return self._positions.places(_call(self._encode, x)[self._output])

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
        known = [_described(key, model.signatures[key]) for key in sorted(model.signatures)]
        raise InputError(
            f"{argument} is {checks.shown(name)}, but the SavedModel has the signatures "
            f"{'; '.join(known) or 'none'}; give the name of one that takes one tensor"
        )
    signature = model.signatures[name]
    inputs = signature.structured_input_signature[1]
    if len(inputs) != 1:
        raise InputError(
            f"{argument} is {name!r}, a signature with inputs {sorted(inputs)}; give one with one"
        )
    (taken,) = inputs.values()
    if taken.shape.rank and taken.shape[0] is not None:
        raise InputError(
            f"{argument} is {name!r}, a signature that takes {taken.shape}, always "
            f"{taken.shape[0]} examples; export it with None as its first size"
        )
    return signature


def _described(name, signature):
    """A signature in words: its name, what it takes and what it gives."""
    sides = (signature.structured_input_signature[1], signature.structured_outputs)
    taken, given = (
        ", ".join(f"{key} {spec.shape}" for key, spec in sorted(side.items())) for side in sides
    )
    return f"{name!r} ({taken} -> {given})"


def _one_output(model, argument, name, width):
    """A signature from z [B, width] to one output."""
    signature = _signature(model, argument, name)
    (taken,) = signature.structured_input_signature[1].values()
    if not taken.shape.is_compatible_with([None, width]) or not _is_numeric(taken):
        raise InputError(
            f"{argument} is {name!r}, a signature that takes {taken.dtype.name} {taken.shape}; "
            f"give one that takes numbers [None, {width}], as encode gives"
        )
    if len(signature.structured_outputs) != 1:
        raise InputError(
            f"{argument} is {name!r}, a signature with outputs "
            f"{sorted(signature.structured_outputs)}; give one with one"
        )
    _check_numbers(signature, argument, name, next(iter(signature.structured_outputs)))
    return signature


def _z_of(encoder, name, output):
    """Name of the output that is z; None where they are mean and log_variance."""
    known = encoder.structured_outputs
    if output is not None and output not in known:
        raise InputError(
            f"output is {checks.shown(output)}, but the signature {name!r} has the outputs "
            f"{sorted(known)}; give one of them"
        )
    if output is not None or len(known) == 1:
        return output or next(iter(known))
    if set(known) != {"mean", "log_variance"}:
        raise InputError(
            f"encode is {name!r}, a signature with outputs {sorted(known)}; give output, the one "
            "that is z, or a signature with mean and log_variance, or with one output"
        )
    return None


def _shape(encoder, name, output):
    """The shape of what is to be z."""
    shape = encoder.structured_outputs[output or "mean"].shape
    if shape.rank is None or shape.rank < 2 or shape[-1] is None:
        raise InputError(
            f"encode is {name!r}, a signature whose output is {shape}; give one whose output is "
            "[None, ..., M] with a fixed width M"
        )
    _check_numbers(encoder, "encode", name, output or "mean")
    return tuple(shape)


def _check_numbers(signature, argument, name, output):
    given = signature.structured_outputs[output]
    if not _is_numeric(given):
        raise InputError(
            f"{argument} is {name!r}, a signature whose output {output!r} is {given.dtype.name}; "
            "give one of numbers"
        )


def _is_numeric(spec):
    return spec.dtype.is_floating or spec.dtype.is_integer or spec.dtype.is_bool


def _call(signature, tensor):
    ((name, spec),) = signature.structured_input_signature[1].items()
    return signature(**{name: tf.cast(tensor, spec.dtype)})
