"""Results of several runs as points with intervals, one row a result."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iin_tf.reporting.bars import palette
from iin_tf.reporting.compared import MARK, ComparedRow
from iin_tf.reporting.labels import chart_label

FORMATS = ("png", "pdf", "svg")


def forest_figures(
    names: Sequence[str], title: str, rows: Sequence[ComparedRow]
) -> dict[str, Figure]:
    """One figure for each unit: file name without its ending -> matplotlib Figure.

    Args:
      names: of the runs, a colour each.
      title: of the section that the results belong to.
      rows: the results.
    """
    by_unit: dict[str, list[ComparedRow]] = {}
    for row in rows:
        by_unit.setdefault(row.result.unit, []).append(row)
    return {
        _file_name(title, unit): _figure(names, title, unit, some) for unit, some in by_unit.items()
    }


def _file_name(title: str, unit: str) -> str:
    """Letters, digits and underscores, as papers name their figures."""
    return re.sub(r"[^a-z0-9]+", "_", f"{title} {unit}".lower().replace("²", "2")).strip("_")


def _figure(names: Sequence[str], title: str, unit: str, rows: Sequence[ComparedRow]) -> Figure:
    step = max(0.32, 0.16 * len(names))
    figure = Figure(figsize=(8, 1.3 + 0.2 * len(names) + step * len(rows)), layout="constrained")
    axes = figure.subplots()
    for place, (name, color) in enumerate(zip(names, palette(len(names)), strict=True)):
        at = np.arange(len(rows)) + (place - (len(names) - 1) / 2) * 0.7 / len(names)
        _draw_run(axes, at, rows, place, name, color)
    labels = [chart_label(row.result.title, 60) for row in rows]
    axes.set_yticks(range(len(rows)), labels, fontsize="small")
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(axis="x", linewidth=0.3)
    axes.set(title=chart_label(title, 60), xlabel=chart_label(unit) if unit else "")
    handles, texts = axes.get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside lower left", fontsize="small", ncols=2)
    return figure


def _draw_run(
    axes: Axes, at: np.ndarray, rows: Sequence[ComparedRow], place: int, name: str, color: object
) -> None:
    """The points of one run: mean with interval, and lightly each seed."""
    means, ends = np.full(len(rows), np.nan), np.full((2, len(rows)), np.nan)
    for number, row in enumerate(rows):
        summary = row.summaries[place]
        if summary is None:
            continue
        means[number] = summary.mean
        low, high = summary.interval or (summary.mean, summary.mean)
        # Skewed resamples can leave the estimate just outside of its interval.
        ends[:, number] = max(summary.mean - low, 0), max(high - summary.mean, 0)
        if len(summary.values) > 1:
            heights = np.full(len(summary.values), at[number])
            axes.scatter(summary.values, heights, s=6, color=color, alpha=0.5, linewidths=0)
        if row.marks[place]:
            right = (max(high, *summary.values), at[number])
            axes.annotate(MARK, right, (3, -5), textcoords="offset points", color=color)
    style: dict[str, Any] = {
        "fmt": "o",
        "markersize": 4,
        "capsize": 2,
        "elinewidth": 1,
        "color": color,
    }
    axes.errorbar(means, at, xerr=ends, label=chart_label(name), **style)
