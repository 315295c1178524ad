"""Table and picture of the runs with few labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from iin_tf import files
from iin_tf.results import Result, Results
from iin_tf.results.markdown import markdown

# Labelled originals and marginal fraction -> the results of each seed.
Found = Mapping[tuple[str, float], Sequence[Results]]


def as_table(found: Found, factors: Sequence[str]) -> str:
    """Markdown: one kind of runs a row, mean and range over seeds.

    Args:
      found: mapping (labelled originals, marginal fraction) -> `Results`, one for each seed.
      factors: whose exchanged blocks are shown, read as every factor.
    """
    columns = [_swap(_first(found), block, read) for block, read in _cells(factors)]
    columns += [_first(found)["nll/test"], _first(found)["steps"]]
    rows = [
        [labelled, fraction, *(_text(runs, column) for column in columns)]
        for (labelled, fraction), runs in found.items()
    ]
    titles = [column.title for column in columns]
    return markdown(["labelled originals", "marginal fraction", *titles], rows)


def save_plot(path: Path, found: Found, factors: Sequence[str]) -> None:
    """Writes what exchanged blocks are read as, by labels, as PNG: seeds as points, means as lines.

    Args:
      path: of the PNG.
      found: as in `as_table`.
      factors: as in `as_table`; one chart for each.
    """
    numbers = list(dict.fromkeys(labelled for labelled, _ in found))
    # From few labels to many.
    numbers.sort(key=lambda labelled: np.inf if labelled == "all" else int(labelled))
    figure = Figure(figsize=(4.5 * len(factors), 3.6), layout="constrained")
    axes = figure.subplots(1, len(factors), squeeze=False)[0]
    for one, factor in zip(axes, factors, strict=True):
        _draw(one, found, factor, numbers)
    axes[0].legend(fontsize="small")
    with files.whole_file(path) as temporary:
        figure.savefig(temporary, dpi=130)


def _draw(axes, found, factor, numbers):
    name = _swap(_first(found), factor, factor).name
    for fraction in dict.fromkeys(fraction for _, fraction in found):
        values = [[run[name].value for run in found[labelled, fraction]] for labelled in numbers]
        label = "labelled pairs alone" if fraction == 0 else "with unlabelled examples"
        (line,) = axes.plot([np.mean(seeds) for seeds in values], label=label)
        for place, seeds in enumerate(values):
            axes.plot([place] * len(seeds), seeds, "o", color=line.get_color(), alpha=0.6)
    ceiling = _either(_first(found), "judge/{factor}/reconstruction", factor=factor).value
    axes.axhline(ceiling, color="gray", linestyle=":", label="reconstructions")
    axes.set_xticks(range(len(numbers)), numbers)
    axes.set_xlabel("labelled originals of each class")
    axes.set_title(_first(found)[name].title, fontsize="medium")


def _cells(factors):
    """Each block with the factor read of it, its own first."""
    for block in factors:
        yield block, block
        yield from ((block, read) for read in factors if read != block)


def _swap(results: Results, block: str, factor: str) -> Result:
    role = "donor" if block == factor else "recipient"
    return _either(results, "swap/{block}/{factor}/" + role, block=block, factor=factor)


def _either(results: Results, pattern: str, **fields: str) -> Result:
    """The result of classes, or of numbers, whose kind ends in `_error`."""
    kinds = (pattern, f"{pattern}_error")
    (found,) = [one for kind in kinds for one in results.of(kind, **fields).values()]
    return found


def _first(found: Found) -> Results:
    return next(iter(found.values()))[0]


def _text(runs: Sequence[Results], column: Result) -> str:
    values = np.array([run[column.name].value for run in runs], float)
    form = {"steps": ".0f", "nats per example": ".1f"}.get(column.unit, ".3f")
    low, high = values.min(), values.max()
    return f"{values.mean():{form}} ({low:{form}} to {high:{form}})"
