"""Bar charts of responses, with their intervals."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iin_tf.reporting.bars import WHOLE_COLOR, Bars, draw_bars
from iin_tf.reporting.charts import save_figure
from iin_tf.reporting.labels import chart_label

if TYPE_CHECKING:
    from iin_tf.audits.response_result import Response, ResponseComparison


def save_responses(
    path: str | Path, result: "Response", title: str = "Response to each block"
) -> None:
    """Writes the responses of one `Response` as bars: all examples, and each class if it has any.

    The dashed line is the whole spread, with all blocks resampled; ignored blocks say so.
    """
    bars = [_bars("all examples", result, WHOLE_COLOR if result.classes else None)]
    bars += [_bars(name, one) for name, one in result.classes.items()]
    figure, axes = _figure(len(bars), len(result.blocks))
    draw_bars(axes, result.blocks, bars)
    axes.axhline(result.whole, color="black", linestyle="--", linewidth=1, label="all blocks")
    _finish(figure, axes, path, "standard deviation of the outputs", title)


def save_response_comparison(
    path: str | Path, comparison: "ResponseComparison", title: str = "Response to each block"
) -> None:
    """Writes a `ResponseComparison` as bars, in fractions of each result's whole spread."""
    bars = [_share_bars(name, one, comparison.blocks) for name, one in comparison.responses.items()]
    figure, axes = _figure(len(bars), len(comparison.blocks))
    draw_bars(axes, comparison.blocks, bars)
    _finish(figure, axes, path, "fraction of the whole spread", title)


def _bars(name: object, result: "Response", color: str | None = None) -> Bars:
    return Bars(name, result.response, result.interval, _marks(result.ignored), color)


def _share_bars(name: object, result: "Response", blocks: Sequence[str]) -> Bars:
    """Shares of one result in the order of all blocks; NaN for those that it does not have."""
    at = [result.blocks.index(block) if block in result.blocks else -1 for block in blocks]
    heights = np.append(result.share, np.nan)[at]
    ends = np.concatenate([result.share_interval, [[np.nan, np.nan]]])[at]
    return Bars(name, heights, ends, _marks(np.append(result.ignored, False)[at]))


def _marks(ignored: np.ndarray) -> list[str]:
    return ["ignored" if unused else "" for unused in ignored]


def _figure(bars: int, groups: int) -> tuple[Figure, Axes]:
    width = min(14.0, max(7.0, 2 + 0.14 * bars * groups))
    figure = Figure(figsize=(width, 4), layout="constrained")
    return figure, figure.subplots()


def _finish(figure: Figure, axes: Axes, path: str | Path, ylabel: str, title: str) -> None:
    axes.set(ylabel=ylabel, title=chart_label(title, 90))
    axes.set_ylim(bottom=0)
    handles, labels = axes.get_legend_handles_labels()
    columns = min(len(labels), max(2, int(figure.get_figwidth() // 1.4)))
    figure.legend(handles, labels, loc="outside lower center", fontsize="small", ncols=columns)
    save_figure(figure, path)
