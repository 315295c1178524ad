"""Blocks of dimensions: from a number per block to a number per dimension, and back."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf.checks import InputError, shown, whole


def check_block_sizes(block_sizes: Any) -> tuple[int, ...]:
    """The sizes as a tuple of positive ints.

    Raises:
      InputError: there is no block, or one is smaller than 1.
    """
    try:
        sizes = list(block_sizes)
    except TypeError as error:
        raise InputError(f"block_sizes is {shown(block_sizes)}; give a list of sizes") from error
    if not sizes:
        raise InputError("block_sizes is empty; give at least one block, each of 1 or more")
    return tuple(whole(size, f"block_sizes[{k}]", least=1) for k, size in enumerate(sizes))


def check_event(value: Any, event_shape: Sequence[int]) -> None:
    """Raises InputError unless the last axes of `value` have the lengths `event_shape`."""
    value = tf.convert_to_tensor(value)
    if not value.shape[-len(event_shape) :].is_compatible_with(event_shape):
        raise InputError(
            f"value has shape {tuple(value.shape)}; its last axes must be {list(event_shape)}"
        )


def block_index(block_sizes: Sequence[int]) -> np.ndarray:
    """The number of the block that each dimension belongs to, [N]."""
    return np.repeat(np.arange(len(block_sizes)), block_sizes)


def per_dimension(values: tf.Tensor, block_sizes: Sequence[int]) -> tf.Tensor:
    """Repeats `values` [..., K+1] over the dimensions of their blocks: [..., N]."""
    return tf.gather(values, block_index(block_sizes), axis=-1)


def per_block_sum(values: tf.Tensor, block_sizes: Sequence[int]) -> tf.Tensor:
    """Sums `values` [..., N] within each block: [..., K+1]."""
    starts = np.cumsum([0, *block_sizes])
    parts = [values[..., a:b] for a, b in itertools.pairwise(starts)]
    return tf.stack([tf.reduce_sum(part, -1) for part in parts], axis=-1)
