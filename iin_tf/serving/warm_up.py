"""Requests that a server answers while it loads a version, so that the first caller waits less."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf.first_stages import FirstStage

# The name that TensorFlow Serving looks for.
WARM_UP_FILE = "tf_serving_warmup_requests"


def write_warm_up(
    directory: Path, functions: Mapping[str, Any], first_stage: FirstStage | None
) -> None:
    """Writes one request of each endpoint, as TensorFlow Serving reads them.

    Args:
      directory: `assets.extra` of the version.
      functions: concrete function of each endpoint, by name.
      first_stage: FirstStage, whose input range the request keeps to; or None.
    """
    with tf.io.TFRecordWriter(str(directory / WARM_UP_FILE)) as writer:
        for name, function in sorted(functions.items()):
            specs = function.structured_input_signature[0]
            inputs = {spec.name: _example(spec, first_stage) for spec in specs}
            writer.write(prediction_log(name, inputs))


def _example(spec, first_stage):
    shape = [1 if size is None else size for size in spec.shape]
    if spec.dtype == tf.string:
        return np.full(shape, b"", object)
    least = 0.0
    if first_stage is not None and first_stage.input_range is not None:
        # Representations and numbers have other shapes than inputs, or may well be this too.
        is_input = spec.shape == first_stage.input_spec.shape
        least = first_stage.input_range[0] if is_input else 0.0
    return np.full(shape, least, spec.dtype.as_numpy_dtype)


def prediction_log(signature: str, inputs: Mapping[str, Any]) -> bytes:
    """The message PredictionLog of a request, in bytes.

    Written out here, because the package with TensorFlow Serving's messages is none that an
    export should need: `predict_log.request` of `model_spec.signature_name` and `inputs`.

    Args:
      signature: name of the signature.
      inputs: arrays by name.
    """
    entries = [
        _field(2, _field(1, name.encode()) + _field(2, _tensor(value)))
        for name, value in inputs.items()
    ]
    request = _field(1, _field(3, signature.encode())) + b"".join(entries)
    return _field(6, _field(1, request))


def _tensor(value):
    return tf.make_tensor_proto(value).SerializeToString()


def _field(number: int, content: bytes) -> bytes:
    """A field of Protocol Buffers that holds bytes, a text or a message."""
    return bytes([number << 3 | 2, *_varint(len(content))]) + content


def _varint(number: int) -> Iterator[int]:
    while number > 127:
        yield number & 127 | 128
        number >>= 7
    yield number
