"""Other representations of the same images beside the interpretation network's."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iin_tf.reporting.bars import Bars, draw_bars
from iin_tf.reporting.charts import save_figure
from iin_tf.reporting.labels import chart_label
from iin_tf.results import Result, Results
from iin_tf.results.markdown import markdown

# Kinds that the table and the picture show, where they were measured.
_MEASURES = (
    "disentanglement/mig",
    "disentanglement/dci/disentanglement",
    "disentanglement/dci/completeness",
    "disentanglement/dci/informativeness",
    "disentanglement/modularity",
    "disentanglement/sap",
    "disentanglement/infomec/infom",
    "disentanglement/infomec/infoc",
)
_LEAKAGE = "leakage/{block}/{factor}"
_BESIDE = ("pair_nll/{split}", "reconstruction/mse")


def baselines_markdown(models: Mapping[str, Results]) -> str:
    """The measures of every model, a table to paste: one model a row.

    Args:
      models: mapping model -> its `Results`, as `BlockMeasures.results` gives them, and where it
        applies the pair likelihood and the reconstruction error.
    """
    columns = [*_measures(models), *_leakage(models)]
    for pattern in _BESIDE:
        columns += [one for one in _all(models).values() if one.kind.pattern == pattern]
    rows = [
        [model, *(found[one.name].value if one.name in found else None for one in columns)]
        for model, found in models.items()
    ]
    return markdown(["model", *(one.title for one in columns)], rows)


def save_baselines(
    path: str | Path,
    models: Mapping[str, Results],
    title: str = "Disentanglement by block, held-out",
) -> None:
    """Writes the measures of every model as bars with 95 % intervals, and what blocks tell.

    Args:
      path: where the PNG goes to.
      models: as in `baselines_markdown`.
      title: above the bars.
    """
    measures, leakage = _measures(models), _leakage(models)
    width = min(40.0, max(11.0, 1.3 * len(leakage)))
    figure = Figure(figsize=(width, 6.4), layout="constrained")
    top, bottom = figure.subplots(2, 1)
    _draw(top, models, measures, title)
    told = "Held-out share of the factor's variance told by the block"
    _draw(bottom, models, leakage, told)
    handles, labels = top.get_legend_handles_labels()
    columns = min(len(labels), 5)
    figure.legend(handles, labels, loc="outside lower center", fontsize="small", ncols=columns)
    save_figure(figure, path)


def _all(models: Mapping[str, Results]) -> dict[str, Result]:
    """A result of every name that some model has."""
    return {one.name: one for found in models.values() for one in found.values()}


def _measures(models: Mapping[str, Results]) -> list[Result]:
    found = _all(models)
    return [found[name] for name in _MEASURES if name in found]


def _leakage(models: Mapping[str, Results]) -> list[Result]:
    return [one for one in _all(models).values() if one.kind.pattern == _LEAKAGE]


def _draw(axes: Axes, models: Mapping[str, Results], columns: list[Result], title: str) -> None:
    """Bars of these results of every model."""
    bars = []
    for model, found in models.items():
        rows = np.array([_with_ends(found.get(one.name)) for one in columns]).reshape(-1, 3)
        has_ends = (rows[:, 1] < rows[:, 2]).any()
        bars.append(Bars(model, rows[:, 0], rows[:, 1:] if has_ends else None))
    draw_bars(axes, [one.title for one in columns], bars)
    labels = [chart_label(one.title, 40).replace(" ", "\n", 1) for one in columns]
    axes.set_xticks(range(len(columns)), labels, fontsize="small")
    axes.axhline(0, color="black", linewidth=0.5)
    axes.set_ylim(top=1.02)
    axes.set_title(title, fontsize="medium")


def _with_ends(result: Result | None) -> tuple[float, float, float]:
    """Value, low and high; without an interval, the value three times; NaN without a result."""
    if result is None:
        return (np.nan,) * 3
    return result.value, *(result.interval or (result.value, result.value))
