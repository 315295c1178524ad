"""Going through many examples with bounded memory."""

import numpy as np
import tensorflow as tf


def encode_in_batches(first_stage, x, batch_size=256):
    """Yields (mean, log_variance), float32 arrays [up to batch_size, N], for all of x in order.

    Args:
      first_stage: FirstStage.
      x: array [n, ...], or anything with a length that slices give arrays of.

    Raises:
      ValueError: `x` is empty, or `batch_size` below 1.
    """
    return map_batches(first_stage.encode, x, batch_size)


def decode_in_batches(first_stage, z, batch_size=256):
    """Yields the outputs, arrays [up to batch_size, ...], of all of z [n, N] in order."""
    return map_batches(first_stage.decode, z, batch_size)


def map_batches(function, x, batch_size=256):
    """Yields what `function`, tensors to tensors, makes of each batch of x, as arrays."""
    # Checked here, because a generator's body starts with its first use only.
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; give 1 or more")
    if len(x) == 0:
        raise ValueError("there is nothing to go through: 0 examples; give at least one")
    # What is compiled already is not traced again at every call.
    is_compiled = hasattr(function, "get_concrete_function")
    compiled = function if is_compiled else tf.function(function, reduce_retracing=True)

    def batches():
        for start in range(0, len(x), batch_size):
            outputs = compiled(tf.convert_to_tensor(x[start : start + batch_size]))
            yield tf.nest.map_structure(lambda tensor: tensor.numpy(), outputs)

    return batches()


def stack_batches(batches):
    """The whole arrays of an iterable of batches (or of tuples of batches)."""
    batches = list(batches)
    if isinstance(batches[0], np.ndarray):
        return np.concatenate(batches)
    return tuple(np.concatenate(part) for part in zip(*batches, strict=True))
