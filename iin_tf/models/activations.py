"""Activations of the models here, in a form of their own for exports."""

import contextlib
import contextvars
import math
from collections.abc import Iterator

import keras
import tensorflow as tf

_EXPORTED = contextvars.ContextVar("exported", default=False)


@contextlib.contextmanager
def exported_forms() -> Iterator[None]:
    """Inside, activations are traced from operations that every runtime has."""
    token = _EXPORTED.set(True)
    try:
        yield
    finally:
        _EXPORTED.reset(token)


@keras.saving.register_keras_serializable("iin_tf")
def gelu(x: tf.Tensor) -> tf.Tensor:
    """`x Phi(x)`, Phi the standard normal's distribution function; the exact GELU.

    TensorFlow writes Phi with Erfc, which ONNX, LiteRT and TensorFlow.js lack; an export has
    Erf instead, equal within rounding.
    """
    if _EXPORTED.get():
        return 0.5 * x * (1.0 + tf.math.erf(x / math.sqrt(2.0)))
    return keras.activations.gelu(x)
