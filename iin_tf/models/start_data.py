"""The rows that ActNorm starts from, of what `InterpretationNetwork.fit` is given."""

import numpy as np
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.models.training_arrays import is_array

# More rows steady ActNorm's start no further; fewer leave it noisy at N = 64.
START_ROWS = 1024


def start_rows(x, seed: int):
    """The rows [<= START_ROWS, N] of what `fit` is given that ActNorm starts from.

    Of arrays a random sample, in which arrays sorted by class or time show all of their
    kinds; of data sets, which would have to be read to their end for one, the first rows.

    Args:
      x: array [B, N], tuple of two (the members of pairs), or tf.data.Dataset.
      seed: int that fixes the sample.

    Raises:
      InputError: the data are empty, or of a kind that cannot be read twice.
    """
    if is_array(x):
        return _sample(x, START_ROWS, np.random.default_rng(seed))
    if isinstance(x, (tuple, list)):
        random = np.random.default_rng(seed)
        return np.concatenate([_sample(z, START_ROWS // len(x), random) for z in x])
    if isinstance(x, tf.data.Dataset):
        return _first_rows_of_dataset(x)
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


def _first_rows_of_dataset(dataset):
    parts, rows = [], 0
    for batch in dataset:
        for z in tf.nest.flatten(batch[0] if isinstance(batch, tuple) else batch):
            parts.append(z.numpy())
            rows += len(z)
        if rows >= START_ROWS:
            break
    if not rows:
        raise InputError("x is an empty data set; give at least one batch")
    return np.concatenate(parts)[:START_ROWS]
