"""Charts of one run: sizes of blocks, and what blocks tell."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from iin_tf import files
from iin_tf.reporting.bars import Bars, draw_bars
from iin_tf.reporting.labels import chart_label

# Dots per inch of pictures.
DPI = 130


def save_figure(figure: Figure, path: str | Path, texts: Mapping[str, str] | None = None) -> None:
    """Writes a matplotlib figure whole or not at all, in the format that the ending names.

    Args:
      figure: matplotlib figure.
      path: where to.
      texts: keyword -> text that a PNG is to hold.
    """
    with files.whole_file(path) as temporary:
        figure.savefig(temporary, dpi=DPI, metadata=texts)


def save_factor_sizes(path: str | Path, sizes: Mapping[str, Mapping[str, int]]) -> None:
    """Writes a bar chart of block sizes as a PNG.

    Args:
      path: where to.
      sizes: mapping model -> mapping block -> size, every model with the same blocks.
    """
    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    blocks = list(next(iter(sizes.values())))
    bars = [Bars(model, [found[block] for block in blocks]) for model, found in sizes.items()]
    for drawn in draw_bars(axes, blocks, bars):
        axes.bar_label(drawn)
    axes.set(ylabel="dimensions", title="Estimated sizes of the blocks")
    axes.margins(y=0.15)
    axes.legend()
    save_figure(figure, path)


def save_losses(path: str | Path, losses: Mapping[str, Mapping[int, float]]) -> None:
    """Writes the loss of every epoch as a PNG, the lowest held-out one marked.

    Args:
      path: where to.
      losses: "training" and "held out" -> epoch -> loss in nats.
    """
    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    for name, values in losses.items():
        axes.plot(list(values), list(values.values()), label=name, linewidth=1.2)
    held_out = losses.get("held out")
    if held_out:
        best = min(held_out, key=lambda epoch: held_out[epoch])
        axes.plot(best, held_out[best], "o", color="black", label=f"lowest, epoch {best}")
    axes.set(xlabel="epoch", ylabel="loss (nats)", title="Training")
    axes.legend()
    save_figure(figure, path)


def save_heat_map(
    path: str | Path,
    values: np.ndarray,
    rows: Sequence[object],
    columns: Sequence[object],
    title: str,
) -> None:
    """Writes `values` [R, C] in [0, 1] as a heat map with its numbers, as a PNG.

    Values outside [0, 1] are drawn in the colour of the nearer end.
    """
    names = [chart_label(name) for name in rows]
    heads = [chart_label(name) for name in columns]
    longest = [max(map(len, texts)) for texts in (names, heads)]
    # Names of more than a dozen letters need room, and stand aslant under their columns.
    extra = [0.08 * max(0, length - 12) for length in longest]
    size = (2.2 + 1.1 * len(columns) + extra[0], 1.2 + 0.5 * len(rows) + extra[1])
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    drawn = axes.imshow(values, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        color = "white" if value > 0.6 else "black"
        # Without a minus before a zero.
        axes.text(column, row, f"{round(value, 2) + 0:.2f}", ha="center", va="center", color=color)
    axes.set_xticks(range(len(columns)), heads)
    if extra[1]:
        axes.set_xticks(range(len(columns)), heads, rotation=40, ha="right")
    axes.set_yticks(range(len(rows)), names)
    axes.set_title(chart_label(title, 60), fontsize="medium")
    figure.colorbar(drawn)
    save_figure(figure, path)
