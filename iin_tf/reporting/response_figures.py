"""Bar charts of responses, with their intervals."""

import numpy as np
from matplotlib.figure import Figure

from iin_tf import files


def save_responses(path, result, title="Response to each block"):
    """Writes the responses of one `Response` as bars: all examples, and each class if it has any.

    The dashed line is the whole spread, with all blocks resampled; ignored blocks say so.
    """
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    groups = {"all": result, **result.classes}
    bars = {
        name: (result.blocks, one.response, one.interval, one.ignored)
        for name, one in groups.items()
    }
    _grouped(axes, result.blocks, bars)
    axes.axhline(result.whole, color="black", linestyle="--", linewidth=1, label="all blocks")
    axes.set(ylabel="standard deviation of the outputs", title=title)
    axes.legend(fontsize="small", ncols=2)
    _save(figure, path)


def save_response_comparison(path, comparison, title="Response to each block"):
    """Writes a `ResponseComparison` as bars, in fractions of each result's whole spread."""
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    bars = {
        name: (one.blocks, one.share, one.share_interval, one.ignored)
        for name, one in comparison.results.items()
    }
    _grouped(axes, comparison.blocks, bars)
    axes.set(ylabel="fraction of the whole spread", title=title)
    axes.legend(fontsize="small")
    _save(figure, path)


def _grouped(axes, blocks, bars):
    """Groups of bars at each block; `bars`: name -> (blocks, heights, intervals, ignored)."""
    width = 0.8 / len(bars)
    for place, (name, (own, heights, intervals, ignored)) in enumerate(bars.items()):
        at = np.array([blocks.index(block) for block in own])
        at = at + (place - (len(bars) - 1) / 2) * width
        # Skewed resamples can leave the estimate just outside of its interval.
        errors = np.maximum([heights - intervals[:, 0], intervals[:, 1] - heights], 0)
        drawn = axes.bar(at, heights, width, yerr=errors, capsize=2, label=name)
        marks = ["ignored" if unused else "" for unused in ignored]
        axes.bar_label(drawn, marks, fontsize="x-small", rotation=90, padding=3)
    axes.set_xticks(range(len(blocks)), blocks)
    axes.set_ylim(bottom=0)


def _save(figure, path):
    with files.whole_file(path) as temporary:
        figure.savefig(temporary, dpi=130)
