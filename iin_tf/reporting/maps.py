"""Maps: every block in two dimensions, coloured by every factor."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.decomposition import PCA

from iin_tf.checks import is_missing
from iin_tf.reporting.bars import palette
from iin_tf.reporting.charts import save_figure
from iin_tf.reporting.labels import chart_label

# More points hide each other; more classes cannot be told by their colours.
_MOST_POINTS, _MOST_NAMED = 1000, 12
_UNKNOWN = "#bbbbbb"


def plane(codes: np.ndarray) -> np.ndarray:
    """The two leading principal components of a block's codes [n, N_k]: [n, 2].

    A block of one column has zeros for the second.
    """
    codes = np.asarray(codes, np.float64)
    count = min(2, *codes.shape)
    points = PCA(count, svd_solver="full").fit_transform(codes)
    return np.pad(points, [(0, 0), (0, 2 - count)])


def save_maps(
    path: str | Path,
    parts: Mapping[str, np.ndarray],
    labels: Mapping[str, np.ndarray],
    periods: Mapping[str, float] | None = None,
) -> None:
    """Writes a map of each block, a row each, coloured by each factor, a column each, as a PNG.

    Args:
      path: where to.
      parts: mapping block -> float [n, N_k], held-out codes.
      labels: mapping factor -> [n] or float [n, c]: three columns in [0, 1] are colours
        themselves; of others the first column is shown.
      periods: mapping factor -> its period, of those that go round.
    """
    periods = {} if periods is None else periods
    # In the order of a table, the first rows may all be of one class.
    count = len(next(iter(parts.values())))
    rows = np.random.default_rng(0).permutation(count)[:_MOST_POINTS]
    points = {block: plane(np.asarray(codes)[rows]) for block, codes in parts.items()}
    size = (0.6 + 2.3 * len(labels), 0.5 + 2.1 * len(points) + 0.5)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(points), len(labels), squeeze=False)
    for column, (factor, values) in enumerate(labels.items()):
        values = np.asarray(values)[rows]
        for row, (block, places) in enumerate(points.items()):
            axes = grid[row, column]
            _scatter(axes, places, values, factor in periods)
            axes.set(xticks=[], yticks=[])
            if row == 0:
                axes.set_title(chart_label(f"by {factor}", 28), fontsize="medium")
            if column == 0:
                axes.set_ylabel(chart_label(block, 24))
        _legend(grid[-1, column])
    save_figure(figure, path)


def _scatter(axes: Axes, places: np.ndarray, values: np.ndarray, goes_round: bool) -> None:
    known = ~is_missing(values)
    x, y = places[~known].T
    axes.scatter(x, y, s=5, color=_UNKNOWN, linewidths=0)
    (x, y), values = places[known].T, values[known]
    if values.dtype.kind == "f":
        colors = _colors(values, goes_round)
        axes.scatter(x, y, s=5, linewidths=0, **colors)
        return
    names, codes = np.unique(values, return_inverse=True)
    shades = np.array(palette(max(len(names), 1)))
    axes.scatter(x, y, s=5, c=shades[codes], linewidths=0)
    if len(names) <= _MOST_NAMED:
        for name, color in zip(names, shades[: len(names)], strict=True):
            axes.scatter([], [], s=14, color=color, label=chart_label(name, 12))


def _colors(values: np.ndarray, goes_round: bool) -> dict[str, Any]:
    """Three columns in [0, 1] as they are; else the first column on a scale."""
    if values.ndim == 2 and values.shape[1] == 3 and values.min() >= 0 and values.max() <= 1:
        return {"c": values}
    return {"c": values.reshape(len(values), -1)[:, 0], "cmap": "hsv" if goes_round else "viridis"}


def _legend(axes: Axes) -> None:
    handles, names = axes.get_legend_handles_labels()
    if names:
        axes.legend(
            handles,
            names,
            loc="upper center",
            bbox_to_anchor=(0.5, -0.02),
            ncols=min(4, len(names)),
            fontsize="xx-small",
            frameon=False,
            handletextpad=0,
            columnspacing=0.6,
        )
