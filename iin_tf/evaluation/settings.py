"""Checks of the numbers that audits are set by."""

import numpy as np


def check_whole(name, value, least):
    """Raises ValueError unless `value` is a whole number of at least `least`."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:
        raise ValueError(f"{name}={value!r}: give a whole number of at least {least}")


def check_fraction(name, value):
    """Raises ValueError unless `value` lies between 0 and 1."""
    if not 0 < value < 1:
        raise ValueError(f"{name}={value!r}: give a number between 0 and 1")
