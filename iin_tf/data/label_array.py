"""Labels from arrays, lists, columns of data frames and Python objects."""

import numbers
from typing import Any

import numpy as np

from iin_tf.checks import InputError, is_missing, shown

# What a label that is missing is filled with, and the dtype, by the kind of labels.
_FILL: dict[str, tuple[Any, Any]] = {
    "bools": (-1, np.int64),
    "whole numbers": (-1, np.int64),
    "floats": (np.nan, np.float64),
    "texts": ("", np.str_),
}


def label_array(values: object, argument: str) -> np.ndarray:
    """Labels of one factor as an array of whole numbers, bools, floats or texts.

    Columns of data frames and lists of Python objects are taken too; where they hold None or NaN,
    the label is missing in the way of its dtype, as `is_missing` says.  Dates become texts, as
    2024-05-31, or 2024-05-31T12:30:00 where some have a time of day.

    Args:
      values: [n, ...], one label or row for each example.
      argument: what messages call it.

    Raises:
      InputError: masked entries, labels of several kinds, or anything else than labels.
    """
    if np.ma.is_masked(values):
        raise InputError(f"{argument} is a masked array; give -1, NaN or '' where it is unknown")
    # NumPy would make floats of a data frame's whole numbers where one of them is missing, and
    # "nan" of what is missing in a list of texts.
    dtype = getattr(values, "dtype", None)
    extension = hasattr(values, "isna") and not isinstance(dtype, np.dtype | None)
    as_objects = extension or isinstance(values, list | tuple)
    try:
        array = np.asarray(values, object if as_objects else None)
    except Exception as error:  # whatever an object's own conversion raises
        raise InputError(f"{argument} is {shown(values)}, no array of labels; {error}") from error
    if array.dtype.kind == "M":
        array = _texts_of_dates(array)
    if array.dtype.kind == "O" and array.ndim:
        array = _labels_of_objects(array, argument) if array.size else array.astype(np.float64)
    if array.dtype.kind not in "biufUS" or array.ndim == 0:
        raise InputError(
            f"{argument} is {shown(values)}; give whole numbers, bools, texts or floats, one or a "
            "row for each example"
        )
    return array


def _texts_of_dates(array):
    whole_days = (array == array.astype("datetime64[D]")) | np.isnat(array)
    texts = np.datetime_as_string(array, unit="D" if whole_days.all() else "s", casting="unsafe")
    return np.where(np.isnat(array), "", texts)


def _labels_of_objects(array, argument):
    """Python objects [n, ...] of one kind as an array of that kind."""
    unknown = is_missing(array.reshape(-1)).reshape(array.shape)
    kinds = {_kind(value) for value in array[~unknown].ravel()}
    if "floats" in kinds:
        # Among floats a negative whole number is a number.
        unknown &= ~np.vectorize(_is_whole, otypes=[bool])(array)
        kinds -= {"whole numbers"}
    elif not kinds and any(_is_whole(value) for value in array.ravel()):
        kinds = {"whole numbers"}
    if len(kinds) != 1 or None in kinds:
        found = " and ".join(sorted(kind or "other objects" for kind in kinds)) or "no known label"
        raise InputError(f"{argument} holds {found}; give labels of one kind")
    if kinds == {"bools"} and not unknown.any():
        return array.astype(bool)
    # A row of which a part is unknown is unknown.
    missing = np.broadcast_to(_any_of_row(unknown), array.shape)
    fill, dtype = _FILL[kinds.pop()]
    try:
        return np.where(missing, fill, array).astype(dtype)
    except OverflowError as error:
        raise InputError(
            f"{argument} holds a whole number of more than 64 bits; give such labels as texts"
        ) from error


def _any_of_row(unknown):
    return unknown.any(axis=tuple(range(1, unknown.ndim)), keepdims=True)


def _is_whole(value):
    return isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_)


def _kind(value):
    """The key of `_FILL` that a label belongs to, or None."""
    kinds = (bool | np.bool_, numbers.Integral, numbers.Real, str)
    return next(
        (name for name, kind in zip(_FILL, kinds, strict=True) if isinstance(value, kind)), None
    )
