"""Other representations of the same images beside the interpretation network's."""

import numpy as np
from matplotlib.figure import Figure

from iin_tf import files
from iin_tf.reporting import tables
from iin_tf.results.markdown import markdown

# What the table and the picture show, where it was measured.
_SHOWN = (
    "mig",
    "dci/disentanglement",
    "dci/completeness",
    "dci/informativeness",
    "modularity",
    "sap",
    "infomec/infom",
    "infomec/infoc",
)


def baselines_markdown(metrics):
    """The measures of every model, a table to paste: one model a row.

    Args:
      metrics: mapping model -> flat metrics, as `BlockMeasures.metrics` gives them, and where it
        applies `pair_nll/test`, nats, and `reconstruction/mse`.
    """
    names = _shown(metrics)
    first = next(iter(metrics.values()))
    blocks, factors, _, _ = tables.leakage_table(first)
    cells = [(block, factor) for block in blocks for factor in factors]
    columns = {name: f"disentanglement/{name}" for name in names}
    columns |= {f"{block} tells {factor}": f"leakage/{block}/{factor}" for block, factor in cells}
    columns |= {"pair nll": "pair_nll/test", "reconstruction mse": "reconstruction/mse"}
    rows = [
        [model, *(found.get(key) for key in columns.values())] for model, found in metrics.items()
    ]
    return markdown(["model", *columns], rows)


def save_baselines(path, metrics, title="Disentanglement by block, held-out"):
    """Writes the measures of every model as bars with 95 % intervals, and what blocks tell.

    Args:
      path: where the PNG goes to.
      metrics: as in `baselines_markdown`.
      title: above the bars.
    """
    names = _shown(metrics)
    figure = Figure(figsize=(11, 6.4), layout="constrained")
    top, bottom = figure.subplots(2, 1)
    bars = {
        model: np.array([_value(found, f"disentanglement/{name}") for name in names])
        for model, found in metrics.items()
    }
    _grouped(top, [name.replace("/", "\n") for name in names], bars)
    top.set_title(title, fontsize="medium")
    top.legend(fontsize="small", ncols=len(metrics), loc="upper center", bbox_to_anchor=(0.5, -0.2))
    blocks, factors, _, _ = tables.leakage_table(next(iter(metrics.values())))
    cells = [(block, factor) for block in blocks for factor in factors]
    told = {
        model: np.array([[found[f"leakage/{block}/{factor}"]] * 3 for block, factor in cells])
        for model, found in metrics.items()
    }
    _grouped(bottom, [f"{block}\ntells {factor}" for block, factor in cells], told)
    bottom.set_title("Held-out share of the factor's variance told by the block", fontsize="medium")
    with files.whole_file(path) as temporary:
        figure.savefig(temporary, dpi=130)


def _shown(metrics):
    first = next(iter(metrics.values()))
    return [name for name in _SHOWN if f"disentanglement/{name}" in first]


def _value(found, name):
    """Value, low and high; without an interval, the value three times."""
    return [
        found[name],
        found.get(f"{name}/low", found[name]),
        found.get(f"{name}/high", found[name]),
    ]


def _grouped(axes, labels, bars):
    """Groups of bars; `bars`: model -> [G, 3] of value, low, high."""
    width = 0.8 / len(bars)
    for place, (model, rows) in enumerate(bars.items()):
        value, low, high = rows.T
        at = np.arange(len(labels)) + (place - (len(bars) - 1) / 2) * width
        errors = np.maximum([value - low, high - value], 0)
        axes.bar(at, value, width, yerr=errors if errors.any() else None, capsize=2, label=model)
    axes.set_xticks(range(len(labels)), labels, fontsize="small")
    axes.axhline(0, color="black", linewidth=0.5)
    axes.set_ylim(top=1.02)
