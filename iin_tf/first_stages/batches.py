"""Going through many examples with bounded memory."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.rows import row_count, take_rows


def encode_in_batches(
    first_stage: Any, x: Any, batch_size: int = 256
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields (mean, log_variance), float32 arrays [up to batch_size, N], for all of x in order.

    Args:
      first_stage: FirstStage.
      x: array [n, ...], or anything with a length that slices give arrays of; a tuple or a dict
        of such for a model with several inputs.
      batch_size: how many examples the model sees at once.

    Raises:
      InputError: `x` is empty, or `batch_size` below 1.
    """
    in_graph = first_stage.runs_in_graph
    encode = first_stage.compiled_encode if in_graph else first_stage.encode
    return map_batches(encode, x, batch_size, in_graph=in_graph)


def decode_in_batches(first_stage: Any, z: Any, batch_size: int = 256) -> Iterator[np.ndarray]:
    """Yields the outputs, arrays [up to batch_size, ...], of all of z [n, N] in order."""
    in_graph = first_stage.runs_in_graph
    decode = first_stage.compiled_decode if in_graph else first_stage.decode
    return map_batches(decode, z, batch_size, in_graph=in_graph)


def map_batches(
    function: Callable, x: Any, batch_size: int = 256, in_graph: bool = True
) -> Iterator[Any]:
    """Yields what `function`, tensors to tensors, makes of each batch of x, as arrays.

    Args:
      function: of one tensor [B, ...], or of a tuple or a dict of them.
      x: array [n, ...], or anything with a length that slices give arrays of; a tuple or a dict
        of such for a model with several inputs.
      batch_size: rows of a batch; the last may have fewer.
      in_graph: False where `function` must run as Python.

    Raises:
      InputError: `x` is empty, or `batch_size` below 1.
    """
    # Checked here, because a generator's body starts with its first use only.
    checks.whole(batch_size, "batch_size", least=1)
    if row_count(x) == 0:
        raise InputError("x has 0 examples; give at least one")
    # What is compiled already is not traced again at every call.
    if in_graph and not hasattr(function, "get_concrete_function"):
        function = tf.function(function, reduce_retracing=True)

    def batches():
        for start in range(0, row_count(x), batch_size):
            batch = take_rows(x, start, batch_size)
            if isinstance(batch, tuple | dict):
                outputs = function(tf.nest.map_structure(tf.convert_to_tensor, batch))
            else:
                outputs = function(tf.convert_to_tensor(batch))
            yield tf.nest.map_structure(lambda tensor: tensor.numpy(), outputs)

    return batches()


def stack_batches(batches: Iterable) -> Any:
    """The whole arrays of an iterable of batches (or of tuples of batches)."""
    batches = list(batches)
    if isinstance(batches[0], np.ndarray):
        return np.concatenate(batches)
    return tuple(np.concatenate(part) for part in zip(*batches, strict=True))
