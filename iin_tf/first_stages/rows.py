"""Rows of inputs: of one array, or of several that a model takes together."""

from typing import Any

import tensorflow as tf


def row_count(x: Any) -> int:
    """The number of examples of x: anything with a length, or a tuple or dict of such."""
    return len(tf.nest.flatten(x)[0] if isinstance(x, tuple | dict) else x)


def take_rows(x: Any, start: int, count: int) -> Any:
    """Up to `count` rows of x from `start` on, nested as x is."""
    if isinstance(x, tuple | dict):
        return tf.nest.map_structure(lambda part: part[start : start + count], x)
    return x[start : start + count]
