"""Checks of what users give: one clear line each, before anything expensive starts."""

import numpy as np
import tensorflow as tf


def check_matrix(z, argument):
    """Raises ValueError unless `z` has rows and columns."""
    if len(z.shape) != 2:
        raise ValueError(
            f"{argument} has shape {tuple(z.shape)}; give rows of latents, [B, N] "
            "(one example is [1, N])"
        )


def check_finite_rows(z, argument):
    """Raises ValueError at the first row of `z` that holds NaN or infinity.

    Values are not known while a graph is traced; there nothing is checked.
    """
    if tf.is_tensor(z):
        if not tf.executing_eagerly():
            return
        finite = tf.reduce_all(tf.math.is_finite(z), axis=-1).numpy()
    else:
        finite = np.isfinite(z).all(axis=-1)
    bad = np.flatnonzero(~finite)
    if bad.size:
        raise ValueError(
            f"{argument}: row {bad[0]} is not finite ({bad.size} of {len(finite)} rows); "
            "drop these rows or mend what makes them"
        )


def check_same_length(a, b, arguments):
    """Raises ValueError unless `a` and `b` have the same number of rows."""
    if a.shape[0] != b.shape[0]:
        raise ValueError(
            f"{arguments[0]} has {a.shape[0]} rows and {arguments[1]} has {b.shape[0]}; "
            "give one for each other"
        )
