"""The rows that a network starts from, of what `InterpretationNetwork.fit` is given."""

from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.models.training_arrays import is_array


def start_rows(x: Any, seed: int, count: int) -> Any:
    """The rows [<= count, N] of what `fit` is given that the flow starts from.

    Of arrays a random sample, in which arrays sorted by class or time show all of their
    kinds; of data sets, which would have to be read to their end for one, the first rows.

    Args:
      x: array [B, N], tuple of two (the members of pairs), or tf.data.Dataset.
      seed: int that fixes the sample.
      count: how many rows to take, if there are as many.

    Raises:
      InputError: the data are empty, or of a kind that cannot be read twice.
    """
    if is_array(x):
        return _sample(x, count, np.random.default_rng(seed))
    if isinstance(x, (tuple, list)):
        random = np.random.default_rng(seed)
        return np.concatenate([_sample(z, count // len(x), random) for z in x])
    if isinstance(x, tf.data.Dataset):
        return _first_rows_of_dataset(x, count)
    raise InputError(
        f"x is a {type(x).__name__}, which cannot be read ahead of training: call "
        "network.adapt(z) with some rows first, or give a tf.data.Dataset"
    )


def _sample(z, count, random):
    """`count` rows of `z` or all of them, in their order."""
    if len(z) <= count:
        return np.asarray(z)
    rows = np.sort(random.choice(len(z), count, replace=False))
    return tf.gather(z, rows).numpy() if tf.is_tensor(z) else np.asarray(z[rows])


def _first_rows_of_dataset(dataset, count):
    parts, rows = [], 0
    for batch in dataset:
        for z in tf.nest.flatten(batch[0] if isinstance(batch, tuple) else batch):
            parts.append(z.numpy())
            rows += len(z)
        if rows >= count:
            break
    if not rows:
        raise InputError("x is an empty data set; give at least one batch")
    return np.concatenate(parts)[:count]
