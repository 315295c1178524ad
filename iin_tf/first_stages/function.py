"""Python functions as a first stage: PyTorch, JAX, ONNX and whatever else runs beside."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.base import FirstStage
from iin_tf.first_stages.constant import ConstantDimensions


class FunctionFirstStage(FirstStage):
    """Functions of NumPy arrays, each called with one batch at a time.

    They may use any library.  What they return is checked: an array of finite numbers, one row
    an example; what they raise becomes an InputError that names the function.  It cannot be
    exported, because a server has no Python.

    Args:
      encode: x [B, ...] -> z [B, M], or (mean, log_variance), [B, M] each.  Texts come as an
        array of str.
      decode: z float32 [B, M] -> outputs [B, ...]; None where there is none.
      head: z float32 [B, M], or z and x -> outputs [B, ...]; None where there is none.  It gets
        x where `head_reads_input` is True.
      latent_size: M.
      noise: None for an `encode` with log_variance; for z alone see `FirstStage`.
      drop: the constant dimensions to leave out; see `FirstStage`.
      noise_kind: "proportional" or "isotropic"; see `FirstStage`.
      clip: see `FirstStage`.
      value_range: see `FirstStage`.
      head_reads_input: whether `head` takes x beside z.

    Raises:
      InputError: an argument is no function, or out of its range.
    """

    # Called as they are: a graph would only hand batches back to Python.
    runs_in_graph = False

    def __init__(
        self,
        encode: Callable,
        decode: Callable | None = None,
        head: Callable | None = None,
        *,
        latent_size: int,
        noise: float | None = None,
        drop: str | ConstantDimensions | None = None,
        noise_kind: str = "proportional",
        clip: bool = False,
        value_range: tuple[float | None, float | None] | None = None,
        head_reads_input: bool = False,
    ):
        for argument, function in {"encode": encode, "decode": decode, "head": head}.items():
            if not (callable(function) or (function is None and argument != "encode")):
                raise InputError(f"{argument} is {checks.shown(function)}; give a function")
        super().__init__(latent_size, noise, drop, noise_kind, clip, value_range)
        self._encode, self._decode, self._head = encode, decode, head
        self._head_reads_input = checks.flag(head_reads_input, "head_reads_input")

    @property
    def input_spec(self) -> tf.TensorSpec:
        raise InputError(
            "a FunctionFirstStage cannot be exported, because a server has no Python; export the "
            "network alone, or give a KerasFirstStage or a SavedModelFirstStage"
        )

    @property
    def has_decoder(self) -> bool:
        return self._decode is not None

    @property
    def has_head(self) -> bool:
        return self._head is not None

    @property
    def head_needs_input(self) -> bool:
        return self._head_reads_input

    def represent(self, x: Any) -> Any:
        def call(array):
            z = _run("encode", self._encode, array)
            parts = z if isinstance(z, tuple | list) else [z]
            if len(parts) != (2 if self.noise is None else 1):
                # The words for it are FirstStage's.
                return tuple(parts) if isinstance(z, tuple | list) else z
            found = [_checked("encode", part, len(array)) for part in parts]
            return tuple(found) if isinstance(z, tuple | list) else found[0]

        if not _is_traced(x):
            return call(_array(x))
        outputs = 2 if self.noise is None else 1
        found = tf.numpy_function(lambda array: call(_array(array)), [x], [tf.float32] * outputs)
        for part in found:
            part.set_shape([x.shape[0], self._model_size])
        return tuple(found) if outputs == 2 else found[0]

    def generate(self, z: tf.Tensor) -> tf.Tensor:
        return super().generate(z) if self._decode is None else _call("decode", self._decode, z)

    def respond(self, z: tf.Tensor, x: Any = None) -> tf.Tensor:
        if self._head is None:
            return super().respond(z, x)
        if not self._head_reads_input:
            return _call("head", self._head, z)
        if x is None:
            raise InputError("x is None, but head reads it; give the inputs that z came from")
        return _call("head", self._head, z, x)


def _call(name, function, z, *rest):
    """`function` of the arrays behind tensors, as a float32 tensor."""

    def call(*arrays):
        z, *rest = (_array(array) for array in arrays)
        return _checked(name, _run(name, function, z.astype(np.float32), *rest), len(z))

    if any(_is_traced(value) for value in (z, *rest)):
        return tf.numpy_function(call, [z, *rest], tf.float32)
    return tf.constant(call(z, *rest))


def _run(name, function, *arrays):
    """What a user's function returns; whatever it raises is said as the user's."""
    try:
        return function(*arrays)
    except InputError:
        raise
    except Exception as error:
        own = getattr(function, "__qualname__", type(function).__qualname__)
        # The frame after this one is the function's own, where Python knows it.
        inner = error.__traceback__ and error.__traceback__.tb_next
        home = [inner.tb_frame.f_code.co_filename] if inner else []
        raise InputError(f"{name}: {own} raises {checks.said(error, *home)}; mend it") from error


def _is_traced(value):
    return tf.is_tensor(value) and not hasattr(value, "numpy")


def _array(value):
    array = np.asarray(value)
    if array.dtype.kind == "O" and array.size and isinstance(array.flat[0], bytes):
        return np.array([text.decode() for text in array.flat]).reshape(array.shape)
    return array


def _checked(name, value, rows):
    """What the function `name` returned, as float32 with `rows` rows of finite numbers."""
    array = checks.real_array(value, f"the output of {name}")
    if not array.ndim or len(array) != rows:
        raise InputError(
            f"{name} returned shape {array.shape} for {rows} examples; return one row for each"
        )
    checks.check_finite_rows(array, f"the output of {name}")
    return array.astype(np.float32)
