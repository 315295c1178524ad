"""Rows of examples inside tf.data: of an array in memory, or read when they are asked for."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf.data.lazy_rows import LazyRows


def row_gatherer(x: Any) -> Callable[[tf.Tensor], tf.Tensor]:
    """A function of row numbers, int64 [B], that gives these rows of x, [B, ...], in a graph.

    Args:
      x: array [n, ...], which becomes a tensor, or `LazyRows`, which stay where they are.
    """
    if not isinstance(x, LazyRows):
        tensor = tf.convert_to_tensor(x)
        return lambda rows: tf.gather(tensor, rows)

    def read(rows):
        values = tf.numpy_function(lambda some: np.ascontiguousarray(x[some]), [rows], x.dtype)
        values.set_shape([rows.shape[0], *x.shape[1:]])
        return values

    return read
