"""What `InterpretationNetwork.fit` does with its data before the first step."""

import keras
import numpy as np
import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError

# More rows steady ActNorm's start no further; fewer leave it noisy at N = 64.
START_ROWS = 1024


def check_arrays(network, x, shared, sample_weight=None, prefix=""):
    """Checks arrays in full; data sets are checked as they are read.

    `prefix` stands before the names of the arguments in messages.

    Raises:
      ValueError: no example, no arrays, a wrong shape, a row that is not finite, a negative
        weight, or `shared` that does not fit.
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
    members = _members(x, shared, prefix)
    for argument, z in members.items():
        _check_member(network, z, argument)
    rows = len(next(iter(members.values())))
    if shared is not None:
        _check_has_shape(shared, f"{prefix}shared")
        checks.check_same_length(x[0], x[1], tuple(members))
        network.pair_correlation(shared, rows)
    if sample_weight is not None:
        _check_weight(sample_weight, rows, f"{prefix}sample_weight")


def _members(x, shared, prefix):
    """The arrays of representations in x, by their names in messages."""
    if shared is None:
        return {f"{prefix}z": x}
    if isinstance(x, (tuple, list)) and len(x) == 2:
        return {f"{prefix}z_a": x[0], f"{prefix}z_b": x[1]}
    raise ValueError(
        f"x is a {type(x).__name__}, but with shared it must be the two members (z_a, z_b)"
    )


def _check_member(network, z, argument):
    _check_has_shape(z, argument)
    checks.check_matrix(z, argument)
    network.layout.check_latents(z, argument)
    if not len(z):
        raise ValueError(f"{argument} has no rows; give at least one example")
    checks.check_finite_rows(z, argument)


def _check_weight(weight, rows, argument):
    """Raises ValueError unless `weight` [rows] is finite and not negative."""
    _check_has_shape(weight, argument)
    if tuple(weight.shape) != (rows,):
        raise ValueError(
            f"{argument} has shape {tuple(weight.shape)}; give one weight a row, [{rows}]"
        )
    weight = np.asarray(weight)
    checks.check_finite_rows(weight[:, None], argument)
    # The loss of a negative weight has no lower bound.
    negative = np.flatnonzero(weight < 0)
    if negative.size:
        row = negative[0]
        raise ValueError(f"{argument} is {weight[row]} in row {row}; give 0 or more")


def _check_has_shape(value, argument):
    # Keras takes no lists of numbers either, but answers with the whole of them.
    if not hasattr(value, "shape"):
        raise ValueError(f"{argument} is a {type(value).__name__}; give an array")


def check_validation(network, data):
    """As `check_arrays`, for `fit`'s validation_data."""
    if isinstance(data, (tuple, list)):
        arrays = keras.utils.unpack_x_y_sample_weight(tuple(data))
        check_arrays(network, *arrays, prefix="validation ")
    elif _is_array(data):
        check_arrays(network, data, None, prefix="validation ")


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
    if _is_array(x):
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


def _is_array(x):
    return isinstance(x, np.ndarray) or tf.is_tensor(x)
