"""What a pair shares: from the forms that a user may give to a correlation per block."""

from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf.checks import InputError


def block_correlation(shared: Any, correlation: tf.Tensor, argument: str = "shared") -> tf.Tensor:
    """Correlation per pair and block, from any form of `shared`.

    Args:
      shared: int [...]: the one block that is shared, -1 for none.  Bool [..., K+1]:
        these blocks, each with its own `correlation`.  Float [..., K+1]: these
        correlations in [0, 1), in place of `correlation`.  Block 0 is the residual.
      correlation: float tensor [K+1], each block's own correlation.
      argument: what messages call `shared`.

    Returns:
      float tensor [..., K+1].

    Raises:
      InputError: `shared` is of another dtype or shape, a block is out of range, or a
        correlation is outside [0, 1).  While a graph is traced, values are not known
        yet: there `tf.errors.InvalidArgumentError` is raised when it runs.
    """
    shared = shared if tf.is_tensor(shared) else np.asarray(shared)
    blocks = correlation.shape[0]
    dtype = tf.as_dtype(shared.dtype)
    if not (dtype.is_integer or dtype.is_bool or dtype.is_floating):
        raise InputError(f"{argument} has dtype {dtype.name}; give int, bool or float")
    if not dtype.is_integer and shared.shape[-1:] != (blocks,):
        raise InputError(
            f"{argument} has dtype {dtype.name} and shape {tuple(shared.shape)}; give in its last "
            f"axis one entry for each of the {blocks} blocks (or give int block numbers)"
        )
    if dtype.is_integer:
        shared = _check_range(
            tf.cast(shared, tf.int64),
            -1,
            blocks - 1,
            f"{argument} must hold block numbers from -1 to {blocks - 1}",
        )
        return tf.one_hot(shared, blocks, dtype=correlation.dtype) * correlation
    if dtype.is_bool:
        return tf.cast(shared, correlation.dtype) * correlation
    below_one = np.nextafter(1, 0, dtype=correlation.dtype.as_numpy_dtype)
    # Checked after the cast: 1 - 1e-9 is 1 in float32.
    shared = tf.cast(shared, correlation.dtype)
    return _check_range(shared, 0.0, below_one, f"{argument} must hold correlations in [0, 1)")


def _check_range(values, least, most, message):
    values = tf.convert_to_tensor(values)
    inside = tf.reduce_all((values >= least) & (values <= most))
    if tf.executing_eagerly():
        if not inside:
            flat = tf.reshape(values, [-1]).numpy()
            first = flat[~((flat >= least) & (flat <= most))][0]
            raise InputError(f"{message}, but it holds {first}")
        return values
    with tf.control_dependencies([tf.debugging.Assert(inside, [message])]):
        return tf.identity(values)
