"""Colours of the points of a map, and what they mean."""

import matplotlib
import numpy as np
from matplotlib.colors import to_hex

from iin_tf.checks import is_missing
from iin_tf.reporting.bars import palette

UNKNOWN = "#9a9a9a"
# More names than these, and colours tell nothing apart.
_MOST_NAMED = 12


def point_colors(values: np.ndarray, goes_round: bool) -> tuple[list[str], list[tuple[str, str]]]:
    """A colour for each value, and a legend of (colour, meaning).

    Three columns in [0, 1] are colours themselves; of other floats the first column goes from dark
    to light, or round a circle of colours.

    Args:
      values: [n] or [n, c], labels.
      goes_round: whether they have a period.
    """
    known = ~is_missing(values)
    colors = [UNKNOWN] * len(values)
    if not known.any():
        return colors, []
    shades, legend = _shades(values[known], goes_round)
    for row, shade in zip(np.flatnonzero(known), shades, strict=True):
        colors[row] = to_hex(shade)
    return colors, [(to_hex(shade), meaning) for shade, meaning in legend]


def _shades(values, goes_round):
    if values.dtype.kind == "f":
        return _of_numbers(values, goes_round)
    names, codes = np.unique(values, return_inverse=True)
    shades = palette(len(names))
    legend = [(shade, str(name)) for shade, name in zip(shades, names, strict=False)]
    return [shades[code] for code in codes], legend if len(names) <= _MOST_NAMED else []


def _of_numbers(values, goes_round):
    if values.ndim == 2 and values.shape[1] == 3 and values.min() >= 0 and values.max() <= 1:
        return list(values), []
    numbers = values.reshape(len(values), -1)[:, 0]
    low, high = numbers.min(), numbers.max()
    scale = matplotlib.colormaps["hsv" if goes_round else "viridis"]
    places = (numbers - low) / (high - low or 1)
    return list(scale(places)), [(scale(0.0), f"{low:.3g}"), (scale(1.0), f"{high:.3g}")]
