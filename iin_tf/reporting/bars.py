"""Grouped bars with intervals, in as many colours as there are bars in a group."""

import dataclasses
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from numpy.typing import ArrayLike

from iin_tf.reporting.labels import chart_label

WHOLE_COLOR = "#404040"


@dataclasses.dataclass(frozen=True)
class Bars:
    """One bar in each of G groups.

    Attributes:
      label: what the legend calls them.
      heights: [G]; NaN where there is no bar.
      ends: [G, 2], low and high end of the intervals, or None.
      marks: G texts above the bars, or None.
      color: None for the next of the palette.
    """

    label: object
    heights: ArrayLike
    ends: np.ndarray | None = None
    marks: Sequence[str] | None = None
    color: str | None = None


def palette(count: int) -> list:
    """`count` different colours: matplotlib's own ten as far as they go."""
    if count <= 20:
        return list(matplotlib.colormaps["tab10" if count <= 10 else "tab20"](range(count)))
    return list(matplotlib.colormaps["turbo"](np.linspace(0.02, 0.98, count)))


def draw_bars(axes: Axes, groups: Sequence[object], bars: Sequence[Bars]) -> list[BarContainer]:
    """Draws `bars` side by side in each of the groups.

    Args:
      axes: matplotlib's.
      groups: G names, under the axis.
      bars: one `Bars` for each place in a group.

    Returns:
      matplotlib's container of each.
    """
    width = 0.8 / len(bars)
    colors = iter(palette(sum(one.color is None for one in bars)))
    drawn = []
    for place, one in enumerate(bars):
        at = np.arange(len(groups)) + (place - (len(bars) - 1) / 2) * width
        color = next(colors) if one.color is None else one.color
        drawn.append(_draw(axes, at, width, one, color))
    axes.set_xticks(range(len(groups)), [chart_label(name) for name in groups])
    return drawn


def _draw(axes: Axes, at: np.ndarray, width: float, bars: Bars, color: object) -> BarContainer:
    heights = np.asarray(bars.heights, np.float64)
    there = np.isfinite(heights)
    errors = None
    if bars.ends is not None:
        low, high = np.asarray(bars.ends, np.float64)[there].T
        # Skewed resamples can leave the estimate just outside of its interval.
        errors = np.maximum([heights[there] - low, high - heights[there]], 0)
    drawn = axes.bar(
        at[there],
        heights[there],
        width,
        yerr=errors,
        capsize=2,
        label=chart_label(bars.label),
        color=color,
    )
    if bars.marks is not None:
        marks = [mark for mark, is_there in zip(bars.marks, there, strict=True) if is_there]
        axes.bar_label(drawn, marks, fontsize="x-small", rotation=90, padding=3)
    return drawn
