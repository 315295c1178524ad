"""What a label array means: which entries are missing, and which examples agree."""

import numbers

import numpy as np

from iin_tf.checks import InputError, is_missing, shown

# What a label that is missing is filled with, and the dtype, by the kind of labels.
_FILL = {
    "bools": (-1, np.int64),
    "whole numbers": (-1, np.int64),
    "floats": (np.nan, np.float64),
    "texts": ("", np.str_),
}


def label_array(values: object, argument: str) -> np.ndarray:
    """Labels of one factor as an array of whole numbers, bools, floats or texts.

    Columns of data frames and lists of Python objects are taken too; where they hold None or NaN,
    the label is missing in the way of its dtype, as `is_missing` says.

    Args:
      values: [n, ...], one label or row for each example.
      argument: what messages call it.

    Raises:
      InputError: masked entries, labels of several kinds, or anything else than labels.
    """
    if np.ma.is_masked(values):
        raise InputError(f"{argument} is a masked array; give -1, NaN or '' where it is unknown")
    # NumPy would make floats of a data frame's whole numbers where one of them is missing.
    dtype = getattr(values, "dtype", None)
    extension = hasattr(values, "isna") and not isinstance(dtype, np.dtype | None)
    try:
        array = np.asarray(values, object if extension else None)
    except (ValueError, TypeError) as error:
        raise InputError(f"{argument} is {shown(values)}, no array of labels; {error}") from error
    if array.dtype.kind == "O" and array.ndim and array.size:
        array = _labels_of_objects(array, argument)
    if array.dtype.kind not in "biufUS" or array.ndim == 0:
        raise InputError(
            f"{argument} is {shown(values)}; give whole numbers, bools, texts or floats, one or a "
            "row for each example"
        )
    return array


def _labels_of_objects(array, argument):
    """Python objects [n, ...] of one kind as an array of that kind."""
    rows = is_missing(array)
    missing = rows.reshape(-1, *[1] * (array.ndim - 1)) & np.ones(array.shape, bool)
    kinds = {_kind(value) for value in array[~missing].ravel()}
    if kinds == {"whole numbers", "floats"}:
        kinds = {"floats"}
    if len(kinds) != 1 or None in kinds:
        found = " and ".join(sorted(kind or "other objects" for kind in kinds)) or "no known label"
        raise InputError(f"{argument} holds {found}; give labels of one kind")
    fill, dtype = _FILL[kinds.pop()]
    try:
        return np.where(missing, fill, array).astype(dtype)
    except OverflowError as error:
        raise InputError(f"{argument} holds a whole number of more than 64 bits") from error


def _kind(value):
    """The key of `_FILL` that a label belongs to, or None."""
    kinds = (bool | np.bool_, numbers.Integral, numbers.Real, str)
    return next(
        (name for name, kind in zip(_FILL, kinds, strict=True) if isinstance(value, kind)), None
    )


def check_labels(labels):
    """`labels` as a dict of arrays that agree on their first axis, and that length n.

    Args:
        labels: mapping name -> [n, ...]; integers, booleans, strings or floats.
    Errors: ValueError for no labels, no examples, lengths that differ, and Python objects.
    """
    arrays = {name: np.asarray(values) for name, values in dict(labels).items()}
    if not arrays:
        raise ValueError("labels is empty; give at least one name -> [n, ...] array")
    for name, values in arrays.items():
        if values.dtype.kind not in "biufU" or values.ndim == 0:
            raise ValueError(
                f"labels[{name!r}] has dtype {values.dtype} and shape {values.shape}; "
                "give integers, booleans, floats or strings with one entry or row per example"
            )
    lengths = {name: len(values) for name, values in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"labels differ in length: {lengths}; give one entry per example")
    examples = next(iter(lengths.values()))
    if examples == 0:
        raise ValueError("labels hold no examples; give a data set that is not empty")
    return arrays, examples


def check_factors(factors, known=None, argument="factors"):
    """`factors` as a tuple of distinct names, all in `known` where that is given."""
    if isinstance(factors, str):
        raise ValueError(f"{argument} is the text {factors!r}; give a sequence, e.g. [{factors!r}]")
    factors = tuple(factors)
    if not factors:
        raise ValueError(f"{argument} is empty; name at least one factor that pairs share")
    for name in factors:
        if factors.count(name) > 1:
            raise ValueError(f"{argument} names {name!r} twice; name each factor once")
        if known is not None and name not in known:
            raise ValueError(f"{argument} names {name!r}, but known are {sorted(known)}")
    return factors


def check_source(source, examples):
    """`source` as int64 [n]; by default every example is a thing of its own."""
    if source is None:
        return np.arange(examples)
    source = np.asarray(source)
    if source.shape != (examples,) or source.dtype.kind not in "iu":
        raise ValueError(
            f"source has shape {source.shape} and dtype {source.dtype}; "
            f"give one integer per example, shape ({examples},)"
        )
    return source.astype(np.int64)


def cumulative_weights(weights, kinds):
    """Cumulative probabilities of `kinds`, ending in 1; equal ones without `weights`.

    Args:
        weights: None, or a mapping kind -> positive number; a kind not named has weight 1.
    """
    weights = dict(weights or {})
    for kind, weight in weights.items():
        if kind not in kinds:
            raise ValueError(f"weights names {kind!r}, but what is drawn is {list(kinds)}")
        if not (np.isscalar(weight) and np.isfinite(weight) and weight > 0):
            raise ValueError(f"weights[{kind!r}] is {weight!r}; give a positive number")
    values = np.array([weights.get(kind, 1.0) for kind in kinds], dtype=np.float64)
    return np.cumsum(values) / values.sum()


def group_codes(values):
    """Examples that agree exactly get one code.

    Args:
        values: [n, ...]; a row (an RGB) is one label and agrees as a whole.
    Returns: codes int64 [n], -1 where the label is missing, and the distinct labels [groups, ...]
        in the order of the codes.
    """
    present = ~is_missing(values)
    codes = np.full(len(values), -1, dtype=np.int64)
    groups, inverse = np.unique(values[present], axis=0, return_inverse=True)
    codes[present] = inverse.reshape(-1)
    return codes, groups


def continuous_numbers(name, values):
    """float64 [n, channels], NaN in every channel where the label is missing.

    Errors: ValueError for text and for infinite numbers.
    """
    if values.dtype.kind not in "iuf":
        raise ValueError(
            f"labels[{name!r}] is {values.dtype.name}, first {values[0]!r}; "
            "a continuous factor needs numbers"
        )
    numbers = values.astype(np.float64).reshape(len(values), -1)
    if np.isinf(numbers).any():
        row = int(np.argmax(np.isinf(numbers).any(axis=1)))
        raise ValueError(f"labels[{name!r}] is infinite in row {row}; give NaN where it is unknown")
    numbers[is_missing(values)] = np.nan
    return numbers
