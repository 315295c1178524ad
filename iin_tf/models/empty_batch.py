"""Convolutions of batches that may be empty."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def call_with_rows(network: Callable[..., Any], x: tf.Tensor) -> Any:
    """`network(x)`, also where x [B, ...] has no rows.

    On a CPU with oneDNN a convolution of an empty batch returns the shape of its input, and
    whatever follows fails.  One row of zeros is put in and taken out again.
    """
    rows = tf.shape(x)[0]
    extra = tf.cast(tf.equal(rows, 0), tf.int32)
    # Not tf.pad, which TensorFlow fuses with the convolution, and then fails all the same.
    zeros = tf.zeros(tf.concat([[extra], tf.shape(x)[1:]], axis=0), x.dtype)
    return network(tf.concat([x, zeros], axis=0))[:rows]
