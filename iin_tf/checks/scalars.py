"""Numbers, flags, paths and choices."""

import math
import numbers
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from iin_tf.checks.errors import InputError, shown


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


def _range(least: int | None, most: int | None) -> str:
    if least is None and most is None:
        return ""
    if most is None:
        return f" of at least {least}"
    if least is None:
        return f" of at most {most}"
    return f" from {least} to {most}"
