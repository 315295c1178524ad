"""The values that a representation can have: as given, or told from a layer's activation."""

import math
from typing import Any

import keras
import tensorflow as tf

from iin_tf.private_apis.keras import producer

_INFINITY = math.inf
_ACTIVATIONS = {
    keras.activations.relu: (0.0, _INFINITY),
    keras.activations.relu6: (0.0, 6.0),
    keras.activations.softplus: (0.0, _INFINITY),
    keras.activations.exponential: (0.0, _INFINITY),
    keras.activations.sigmoid: (0.0, 1.0),
    keras.activations.hard_sigmoid: (0.0, 1.0),
    keras.activations.softmax: (0.0, 1.0),
    keras.activations.tanh: (-1.0, 1.0),
    keras.activations.softsign: (-1.0, 1.0),
    keras.activations.elu: (-1.0, _INFINITY),
}

# Layers whose output lies where their input lies.
_layers = keras.layers
_KEEPING = (
    *(getattr(_layers, f"{kind}Pooling{d}D") for d in (1, 2, 3) for kind in
      ("Average", "Max", "GlobalAverage", "GlobalMax")),
    _layers.Dropout, _layers.SpatialDropout1D, _layers.SpatialDropout2D, _layers.SpatialDropout3D,
    _layers.Flatten, _layers.Reshape, _layers.Permute,
)  # fmt: skip


def values_outside(z: tf.Tensor, ends: tuple[float, float] | None) -> tf.Tensor:
    """How many values of each row of z [B, N] lie outside, int32 [B]; `ends` as `value_ends` says.

    By more than 1e-4 of the row's largest absolute value: rounding is not counted.
    """
    clipped = z if ends is None else tf.clip_by_value(z, *ends)
    rounding = 1e-4 * tf.reduce_max(tf.abs(z), axis=-1, keepdims=True)
    return tf.reduce_sum(tf.cast(tf.abs(z - clipped) > rounding, tf.int32), axis=-1)


def value_range(output: Any) -> tuple[float, float] | None:
    """(least, largest) value of a layer's symbolic output; None where it is not known."""
    call = producer(output)
    operation = call.operation
    if isinstance(operation, _KEEPING):
        return value_range(call.input_tensors[0])
    if isinstance(operation, keras.Model):
        return value_range(operation.outputs[0]) if operation.outputs else None
    if isinstance(operation, _layers.Softmax):
        return 0.0, 1.0
    if isinstance(operation, _layers.ReLU):
        return _relu(operation)
    return _ACTIVATIONS.get(getattr(operation, "activation", None))


def _relu(layer):
    least = -_INFINITY if layer.negative_slope else 0.0
    return least, _INFINITY if layer.max_value is None else float(layer.max_value)
