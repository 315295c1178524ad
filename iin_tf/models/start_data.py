"""What `InterpretationNetwork.fit` does with its data before the first step."""

import keras
import numpy as np
import tensorflow as tf

from iin_tf import checks

# More rows steady ActNorm's start no further; fewer leave it noisy at N = 64.
START_ROWS = 1024


def check_arrays(network, x, shared, prefix=""):
    """Checks arrays in full; data sets are checked as they are read.

    `prefix` stands before the names of the arguments in messages.

    Raises:
      ValueError: no example, a wrong shape, a row that is not finite, or `shared` that
        does not fit.
    """
    if x is None:
        raise ValueError("x is None; give z, or (z_a, z_b) with shared, or a tf.data.Dataset")
    if shared is None and isinstance(x, (tuple, list)):
        raise ValueError(
            f"x is a {type(x).__name__} of {len(x)}, but without shared: give shared with the "
            "two members (z_a, z_b), or one array z"
        )
    if shared is None and not _is_array(x):
        return
    if shared is None:
        members = {f"{prefix}z": x}
    elif isinstance(x, (tuple, list)) and len(x) == 2:
        members = {f"{prefix}z_a": x[0], f"{prefix}z_b": x[1]}
    else:
        raise ValueError(
            f"x is a {type(x).__name__}, but with shared it must be the two members (z_a, z_b)"
        )
    for argument, z in members.items():
        checks.check_matrix(z, argument)
        network.layout.check_latents(z, argument)
        if not len(z):
            raise ValueError(f"{argument} has no rows; give at least one example")
        checks.check_finite_rows(z, argument)
    if shared is not None:
        checks.check_same_length(x[0], x[1], tuple(members))
        network.pair_correlation(shared, len(x[0]))


def check_validation(network, data):
    """As `check_arrays`, for `fit`'s validation_data."""
    if isinstance(data, (tuple, list)):
        x, shared, _ = keras.utils.unpack_x_y_sample_weight(tuple(data))
        check_arrays(network, x, shared, "validation ")
    elif _is_array(data):
        check_arrays(network, data, None, "validation ")


def first_rows(x):
    """The first rows [<= START_ROWS, N] of what `fit` is given.

    Raises:
      ValueError: the data are empty, or of a kind that cannot be read twice.
    """
    if _is_array(x):
        return np.asarray(x[:START_ROWS])
    if isinstance(x, (tuple, list)):
        return np.concatenate([np.asarray(z[: START_ROWS // 2]) for z in x])
    if isinstance(x, tf.data.Dataset):
        return _first_rows_of_dataset(x)
    raise ValueError(
        f"x is a {type(x).__name__}, which cannot be read ahead of training: call "
        "network.adapt(z) with some rows first, or give a tf.data.Dataset"
    )


def _first_rows_of_dataset(dataset):
    parts, rows = [], 0
    for batch in dataset:
        for z in tf.nest.flatten(batch[0] if isinstance(batch, tuple) else batch):
            parts.append(z.numpy())
            rows += len(z)
        if rows >= START_ROWS:
            break
    if not rows:
        raise ValueError("x is an empty data set; give at least one batch")
    return np.concatenate(parts)[:START_ROWS]


def _is_array(x):
    return isinstance(x, np.ndarray) or tf.is_tensor(x)
