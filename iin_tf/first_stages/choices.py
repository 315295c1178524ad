"""What arguments of first stages can be.

Without TensorFlow, because configs ask before it starts.
"""

import math
from typing import Any

from iin_tf import checks
from iin_tf.checks import InputError

# In proportion to each dimension's spread, or of one size in all directions.
NOISE_KINDS = ("proportional", "isotropic")
# What becomes of a layer's positions; or a whole number, the one to take.
POOLINGS = ("mean", "max", "flatten", "positions")
# What the values of a model's images are -> (factor, offset) of whole numbers 0 .. 255.
PIXELS = {"0..255": (1.0, 0.0), "0..1": (1 / 255, 0.0), "-1..1": (1 / 127.5, -1.0)}


def value_ends(value_range: Any, name: str = "value_range") -> tuple[float, float]:
    """(least, largest), with infinities for None.

    Raises:
      InputError: it is no pair of numbers or None, or the least is not the smaller.
    """
    if not isinstance(value_range, tuple | list) or len(value_range) != 2:
        raise InputError(f"{name} is {checks.shown(value_range)}; give (least, largest)")
    least, largest = (
        default if end is None or _is(end, default) else checks.number(end, name)
        for end, default in zip(value_range, (-math.inf, math.inf), strict=True)
    )
    if least >= largest:
        raise InputError(f"{name} is {value_range}; give the least and the largest value")
    return least, largest


def _is(end, default):
    # An array equals nothing as a whole.
    return isinstance(end, float) and end == default
