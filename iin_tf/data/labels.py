"""What labels mean: which examples agree, what pairs are drawn for, and how often."""

from collections.abc import Collection, Hashable, Iterable, Mapping

import numpy as np

from iin_tf.checks import InputError, is_missing, number, shown
from iin_tf.data.label_array import label_array

# Above it, not every whole number is a float64.
_EXACT = 2**53


def check_labels(labels: object) -> tuple[dict[str, np.ndarray], int]:
    """`labels` as a dict of arrays that agree on their first axis, and that length n.

    Args:
      labels: mapping name -> [n, ...], or a data frame with a column for each name; whole
        numbers, bools, texts or floats.

    Raises:
      InputError: no labels, no examples, lengths that differ, or anything that is no label.
    """
    arrays = {
        name: label_array(values, f"labels[{name!r}]")
        for name, values in mapping(labels, "labels").items()
    }
    if not arrays:
        raise InputError("labels is empty; give at least one name -> [n, ...] array")
    lengths = {name: len(values) for name, values in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"labels differ in length: {lengths}; give one entry per example")
    examples = next(iter(lengths.values()))
    if examples == 0:
        raise InputError("labels hold no examples; give a data set that is not empty")
    return arrays, examples


def mapping(value: object, argument: str) -> dict:
    """`value`, a mapping (a data frame is one too) or None, as a dict.

    Raises:
      InputError: it is something else.
    """
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "columns") and hasattr(value, "__getitem__"):
        return {str(name): value[name] for name in value.columns}
    raise InputError(f"{argument} is {shown(value)}; give a mapping from names")


def check_factors(
    factors: Iterable[str], known: Collection[str] | None = None, argument: str = "factors"
) -> tuple[str, ...]:
    """`factors` as a tuple of distinct names, all in `known` where that is given."""
    if isinstance(factors, str):
        raise InputError(f"{argument} is the text {factors!r}; give a sequence, e.g. [{factors!r}]")
    try:
        names = tuple(factors)
    except TypeError:
        raise InputError(f"{argument} is {shown(factors)}; give a sequence of names") from None
    if not names:
        raise InputError(f"{argument} is empty; name at least one factor that pairs share")
    for name in names:
        if not isinstance(name, str):
            raise InputError(f"{argument} holds {shown(name)}; give names, which are texts")
        if names.count(name) > 1:
            raise InputError(f"{argument} names {name!r} twice; name each factor once")
        if known is not None and name not in known:
            raise InputError(f"{argument} names {name!r}; give some of {sorted(known)}")
    return names


def check_source(source: object, examples: int) -> np.ndarray:
    """Which examples are views of one original: int64 [n], equal for views of one.

    Args:
      source: [n], whole numbers or texts; None where every example is a thing of its own.
      examples: n.

    Raises:
      InputError: another shape or kind, or an unknown source.
    """
    if source is None:
        return np.arange(examples)
    source = label_array(source, "source")
    if source.shape != (examples,) or source.dtype.kind not in "iuUS":
        raise InputError(
            f"source has shape {source.shape} and dtype {source.dtype}; "
            f"give one whole number or text per example, shape ({examples},)"
        )
    if is_missing(source).any():
        row = int(np.argmax(is_missing(source)))
        raise InputError(
            f"source is unknown in row {row} ({source[row]!r}); give each example its original, "
            "a number of its own where it has none"
        )
    if source.dtype.kind == "i":
        return source.astype(np.int64, copy=False)
    return np.unique(source, return_inverse=True)[1].reshape(-1)


def cumulative_weights(weights: object, kinds: Collection[Hashable]) -> np.ndarray:
    """Cumulative probabilities of `kinds`, ending in 1; equal ones without `weights`.

    Args:
      weights: None, or a mapping kind -> positive number; a kind not named has weight 1.
      kinds: what is drawn.
    """
    given = mapping(weights, "weights")
    for kind in given:
        if kind not in kinds:
            raise InputError(f"weights names {kind!r}; give some of {list(kinds)}")
    values = np.array(
        [number(given.get(kind, 1.0), f"weights[{kind!r}]", above=0) for kind in kinds]
    )
    # The largest becomes 1, so that no sum is infinite.
    values /= values.max()
    return np.cumsum(values) / values.sum()


def group_codes(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Examples that agree exactly get one code.

    Args:
      values: [n, ...]; a row (an RGB) is one label and agrees as a whole.

    Returns:
      codes int64 [n], -1 where the label is missing, and the distinct labels [groups, ...] in the
      order of the codes.
    """
    if values.ndim == 1 and values.dtype.kind == "i" and 0 <= values.max(initial=-1) < len(values):
        return _codes_of_small(values)
    present = ~is_missing(values)
    codes = np.full(len(values), -1, dtype=np.int64)
    groups, inverse = np.unique(values[present], axis=0, return_inverse=True)
    codes[present] = inverse.reshape(-1)
    return codes, groups


def _codes_of_small(values):
    """The same by counting, in a quarter of the memory that sorting takes."""
    # The last place is that of all that is missing.
    places = np.maximum(values, -1)
    occurs = np.zeros(int(places.max()) + 2, bool)
    occurs[places] = True
    groups = np.flatnonzero(occurs[:-1])
    codes = np.full(len(occurs), -1, np.int64)
    codes[groups] = np.arange(len(groups))
    return codes[places], groups.astype(values.dtype)


def continuous_numbers(name: str, values: np.ndarray) -> np.ndarray:
    """float64 [n, channels], NaN in every channel where the label is missing.

    Raises:
      InputError: texts, bools, infinite numbers, and whole numbers that float64 does not tell
        apart.
    """
    if values.dtype.kind not in "iuf":
        raise InputError(
            f"labels[{name!r}] is {values.dtype.name}, first {values[0]!r}; "
            "a continuous factor needs numbers"
        )
    if values.dtype.kind in "iu" and values.size and values.max() > _EXACT:
        raise InputError(
            f"labels[{name!r}] reaches {values.max()}, where float64 leaves out whole numbers; "
            "subtract an offset, or take a larger unit"
        )
    numbers = values.astype(np.float64).reshape(len(values), -1)
    if np.isinf(numbers).any():
        row = int(np.argmax(np.isinf(numbers).any(axis=1)))
        raise InputError(f"labels[{name!r}] is infinite in row {row}; give NaN where it is unknown")
    numbers[is_missing(values)] = np.nan
    return numbers
