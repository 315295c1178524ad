"""Checks of what users give: one clear line each, before anything expensive starts.

Every check returns the value in the form in which it is used, and raises `InputError` with the
argument's name, its value and the mend.  What counts as a whole number, a fraction, a finite
row or a missing label is said here, and nowhere else.
"""

import math
import numbers
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np


class InputError(ValueError):
    """What was given cannot be used; the message names it, its value and the mend.

    A user's mistake: programs leave with exit code 2.  Any other error is a fault of the
    library or of the machine.
    """

    # By this, and not by the base class, tf.function sees that it can raise the type again.
    __init__ = Exception.__init__


class MissingInput(InputError, FileNotFoundError):
    """A file or a data set that was asked for is not there."""


class MissingPackage(InputError, ImportError):
    """What was asked for needs a package that is not installed."""


def whole(value: Any, argument: str, least: int | None = None, most: int | None = None) -> int:
    """`value` as an int in [least, most]; booleans and floats are no whole numbers."""
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_)
    if not is_whole or (least is not None and value < least) or (most is not None and value > most):
        raise InputError(f"{argument} is {shown(value)}; give a whole number{_range(least, most)}")
    return int(value)


def number(
    value: Any,
    argument: str,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> float:
    """`value` as a finite float between the bounds that are given."""
    is_real = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
    if (
        not is_real
        or not _is_float(value)
        or (least is not None and value < least)
        or (above is not None and value <= above)
        or (most is not None and value > most)
        or (below is not None and value >= below)
    ):
        bounds = [
            f"{word} {bound:g}"
            for word, bound in (
                ("of at least", least),
                ("above", above),
                ("of at most", most),
                ("below", below),
            )
            if bound is not None
        ]
        wanted = " ".join(["a number", " and ".join(bounds)]).strip()
        if above is not None and below is not None:
            wanted = f"a number between {above:g} and {below:g}"
        raise InputError(f"{argument} is {shown(value)}; give {wanted}")
    return float(value)


def _is_float(value) -> bool:
    """Whether a real number is finite as a float."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def fraction(value: Any, argument: str) -> float:
    """`value` as a float that lies between 0 and 1, ends left out."""
    return number(value, argument, above=0, below=1)


def flag(value: Any, argument: str) -> bool:
    """`value` as a bool; 0 and 1 are none."""
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{argument} is {shown(value)}; give True or False")
    return bool(value)


def path(value: Any, argument: str) -> Path:
    """`value`, a text or a path, as a Path."""
    if not isinstance(value, str | Path) or "\0" in str(value):
        raise InputError(f"{argument} is {shown(value)}; give a path")
    return Path(value)


def choice(value: Any, argument: str, options: Iterable[str]) -> str:
    """`value`, one of the texts `options`."""
    options = list(options)
    if not isinstance(value, str) or value not in options:
        raise InputError(f"{argument} is {shown(value)}; give one of {options}")
    return value


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


def check_matrix(z, argument: str) -> None:
    """Raises InputError unless `z` has rows and columns."""
    if len(z.shape) != 2:
        raise InputError(
            f"{argument} has shape {tuple(z.shape)}; give rows of latents, [B, N] "
            "(one example is [1, N])"
        )


def check_finite_rows(z, argument: str) -> None:
    """Raises InputError at the first row of `z` that holds NaN or infinity.

    Values are not known while a graph is traced; there nothing is checked.
    """
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
    return np.isfinite(z).reshape(len(z), -1).all(axis=-1)


def check_same_length(a, b, arguments: Sequence[str]) -> None:
    """Raises InputError unless `a` and `b` have the same number of rows."""
    if a.shape[0] != b.shape[0]:
        raise InputError(
            f"{arguments[0]} has {a.shape[0]} rows and {arguments[1]} has {b.shape[0]}; "
            "give one for each other"
        )


def is_missing(values: np.ndarray) -> np.ndarray:
    """Which examples have no label, bool [n].

    Missing is NaN in any channel for floats, a negative number for integers, "" for texts, and
    any of these or None among Python objects.

    Args:
      values: [n, ...], labels of one factor.
    """
    match values.dtype.kind:
        case "f":
            missing = np.isnan(values)
        case "i":
            missing = values < 0
        case "U" | "S":
            missing = values == values.dtype.type()
        case "O":
            # NaN is the one value that is not itself; pandas' NA will not say.
            missing = np.vectorize(_is_no_value, otypes=[bool])(values)
        case _:
            missing = np.zeros(values.shape, dtype=bool)
    return np.any(missing.reshape(len(values), -1), axis=1)


def _is_no_value(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, numbers.Integral):
        return value < 0
    if isinstance(value, numbers.Real):
        return math.isnan(value)
    return isinstance(value, str | bytes) and not value


def shown(value: Any) -> str:
    """`repr(value)` on one line of at most 80 characters, whatever it is."""
    if hasattr(value, "shape") and hasattr(value, "dtype") and np.ndim(value):
        return f"a {type(value).__name__} of shape {tuple(value.shape)} and dtype {value.dtype}"
    try:
        text = " ".join(repr(value).split())
    except Exception:  # a broken __repr__ must not hide the mistake that is being reported
        text = f"a {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _range(least: int | None, most: int | None) -> str:
    if least is None and most is None:
        return ""
    if most is None:
        return f" of at least {least}"
    if least is None:
        return f" of at most {most}"
    return f" from {least} to {most}"
