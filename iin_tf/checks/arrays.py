"""Arrays of numbers, and rows of them."""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from iin_tf.checks.errors import InputError, shown

# Values that are looked at together.
_VALUES = 2**24


def real_array(value: Any, argument: str) -> np.ndarray:
    """`value` as an array of real numbers of any shape; tensors and data frames are taken too.

    Raises:
      InputError: texts, Python objects, complex numbers (their imaginary part would be lost),
        rows of several lengths, or a masked array that masks anything.
    """
    if np.ma.is_masked(value):
        count = int(np.ma.count_masked(value))
        raise InputError(
            f"{argument} is a masked array with {count} masked entries; drop or fill them"
        )
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise InputError(f"{argument} is {shown(value)}, no array of numbers; {error}") from error
    if array.dtype.kind == "O":
        array = _numbers_of_objects(array, argument)
    if array.dtype.kind == "c":
        raise InputError(
            f"{argument} is complex ({array.dtype}); give its real and imaginary parts as columns"
        )
    # bfloat16 and its kind are no dtypes of NumPy's own: kind "V", but they cast to floats.
    if array.dtype.kind == "V" and array.dtype.fields is None and array.dtype.itemsize <= 2:
        array = array.astype(np.float32)
    if array.dtype.kind not in "biuf":
        raise InputError(
            f"{argument} has dtype {array.dtype}; give an array of numbers, such as float32"
        )
    return array


def _numbers_of_objects(array: np.ndarray, argument: str) -> np.ndarray:
    """An array of Python objects as floats, where each of them is a number."""
    try:
        return array.astype(np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(
            f"{argument} holds Python objects that are no numbers ({error}); give float32 rows"
        ) from error


def check_matrix(z: Any, argument: str) -> None:
    """Raises InputError unless `z` has rows and columns."""
    if len(z.shape) != 2:
        raise InputError(
            f"{argument} has shape {tuple(z.shape)}; give rows of latents, [B, N] "
            "(one example is [1, N])"
        )


def check_finite_rows(z: Any, argument: str) -> None:
    """Raises InputError at the first row of `z` that holds NaN or infinity, or for an empty array.

    Values are not known while a graph is traced; there nothing is checked.  A tensor without rows
    is a batch of nothing, and passes.
    """
    if isinstance(z, np.ndarray) and not z.size:
        raise InputError(f"{argument} has shape {z.shape}; give at least one row and one column")
    bad = np.flatnonzero(~_finite_rows(z))
    if bad.size:
        raise InputError(
            f"{argument}: row {bad[0]} is not finite ({bad.size} of {len(z)} rows); "
            "drop these rows or mend what makes them"
        )


def _finite_rows(z) -> np.ndarray:
    """Which rows of `z` [n, ...] are finite; none is known to be otherwise while traced."""
    tf = sys.modules.get("tensorflow")
    if tf is not None and tf.is_tensor(z):
        if not tf.executing_eagerly():
            return np.ones(0, bool)
        return tf.reduce_all(tf.math.is_finite(z), axis=-1).numpy()
    if z.size <= _VALUES or len(z) == 1:
        return np.isfinite(z).reshape(len(z), -1).all(axis=-1)
    # A memory map may hold more than memory does.
    together = max(1, _VALUES * len(z) // z.size)
    starts = range(0, len(z), together)
    return np.concatenate([_finite_rows(z[start : start + together]) for start in starts])


def check_same_length(a: Any, b: Any, arguments: Sequence[str]) -> None:
    """Raises InputError unless `a` and `b` have the same number of rows."""
    if a.shape[0] != b.shape[0]:
        raise InputError(
            f"{arguments[0]} has {a.shape[0]} rows and {arguments[1]} has {b.shape[0]}; "
            "give one for each other"
        )
