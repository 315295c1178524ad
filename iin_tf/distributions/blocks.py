"""Blocks of dimensions: from a number per block to a number per dimension, and back."""

import itertools

import numpy as np
import tensorflow as tf


def check_block_sizes(block_sizes):
    """The sizes as a tuple of positive ints.

    Raises:
      ValueError: there is no block, or one is smaller than 1.
    """
    sizes = tuple(int(size) for size in block_sizes)
    if not sizes or min(sizes) < 1:
        raise ValueError(f"block_sizes is {sizes}; give at least one block, each of 1 or more")
    return sizes


def block_index(block_sizes):
    """The number of the block that each dimension belongs to, [N]."""
    return np.repeat(np.arange(len(block_sizes)), block_sizes)


def per_dimension(values, block_sizes):
    """Repeats `values` [..., K+1] over the dimensions of their blocks: [..., N]."""
    return tf.gather(values, block_index(block_sizes), axis=-1)


def per_block_sum(values, block_sizes):
    """Sums `values` [..., N] within each block: [..., K+1]."""
    starts = np.cumsum([0, *block_sizes])
    parts = [values[..., a:b] for a, b in itertools.pairwise(starts)]
    return tf.stack([tf.reduce_sum(part, -1) for part in parts], axis=-1)
