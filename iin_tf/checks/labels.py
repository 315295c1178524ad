"""Which labels are missing, and what the others are."""

import math
import numbers
from typing import Any

import numpy as np


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


def are_whole(values: np.ndarray) -> bool:
    """Whether every known one of these floats [n, ...] is a whole number."""
    known = values[~is_missing(values)]
    return bool((known == np.round(known)).all())


def label_text(value: Any) -> str:
    """A label as messages show it: texts and whole numbers as they are, others to three digits."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(label_text, value))}]"
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.3g}"
    return str(value)


def _is_no_value(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, numbers.Integral):
        return value < 0
    if isinstance(value, numbers.Real):
        return math.isnan(value)
    return isinstance(value, str | bytes) and not value
