"""Checks of the tensors that bijectors are made of; nothing is computed in a graph."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf.checks import InputError, shown


def tensor(value: Any, argument: str, shape: Sequence[int | None]) -> tf.Tensor:
    """`value` as a tensor of that shape; None is any length.

    Raises:
      InputError: it is no array of numbers, or of another shape.
    """
    try:
        value = tf.convert_to_tensor(value)
    except (ValueError, TypeError) as error:
        raise InputError(f"{argument} is {shown(value)}; give an array of numbers") from error
    if not value.shape.is_compatible_with(shape):
        wanted = ", ".join("N" if length is None else str(length) for length in shape)
        raise InputError(f"{argument} has shape {tuple(value.shape)}; give [{wanted}]")
    return value


def permutation(value: Any, argument: str, size: int | None = None) -> tf.Tensor:
    """`value` as an int tensor [size]; where its entries are known, each of 0 .. N-1 once.

    Raises:
      InputError: it is something else.
    """
    value = tensor(value, argument, [size])
    if not value.dtype.is_integer:
        raise InputError(f"{argument} has dtype {value.dtype.name}; give whole numbers")
    entries = tf.get_static_value(value)
    if entries is not None and not np.array_equal(np.sort(entries), np.arange(len(entries))):
        raise InputError(f"{argument} is {shown(entries.tolist())}; give each of 0 .. N-1 once")
    return value
