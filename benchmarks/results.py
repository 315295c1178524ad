"""Repetitions to medians, and medians to a table, a CSV file and a plot."""

import csv
from dataclasses import asdict, dataclass, fields

import matplotlib
import numpy as np

from iin_tf import files

matplotlib.use("Agg")
from matplotlib import pyplot

REFERENCE = "torch"  # ratios are of its time


@dataclass(frozen=True)
class Result:
    """One cell of the table: a contender in a row.

    Attributes:
      row, contender, unit: what was measured, of whom, in what.
      median, low, high: of the repetitions.
      repetitions: how many.
      ratio: median of this contender's repetition over the reference's in the same round; None
        without a reference.
      floor: what the machine allows, in the same unit, median; None where no floor is known.
      fraction: median of a round's floor over this contender's repetition in that round.
    """

    row: str
    contender: str
    unit: str
    median: float
    low: float
    high: float
    repetitions: int
    ratio: float | None = None
    floor: float | None = None
    fraction: float | None = None


def summarise(row, unit, values, floors=None, reference=REFERENCE):
    """The results of one row.

    Args:
      row, unit: text.
      values: contender -> its repetitions, in the order of the rounds.
      floors: contender -> the floor of each round, where there is one.
      reference: the contender whose time is the ratios' denominator.
    """
    results = []
    for name, repetitions in values.items():
        median = float(np.median(repetitions))
        ratio = None
        if reference in values:
            # Round by round, so that what slows the whole machine cancels.
            ratio = float(np.median(np.divide(repetitions, values[reference])))
        floor = (floors or {}).get(name)
        reached = None if floor is None else float(np.median(np.divide(floor, repetitions)))
        results.append(
            Result(
                row=row,
                contender=name,
                unit=unit,
                median=median,
                low=min(repetitions),
                high=max(repetitions),
                repetitions=len(repetitions),
                ratio=ratio,
                floor=None if floor is None else float(np.median(floor)),
                fraction=reached,
            )
        )
    return results


def as_table(results):
    """Markdown: one line a result."""
    lines = [
        "| measured | contender | median | range | ratio | floor | reached |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        spread = f"{result.low:.4g} to {result.high:.4g}"
        cells = [result.row, result.contender, f"{result.median:.4g} {result.unit}", spread]
        cells += [
            "" if result.ratio is None else f"{result.ratio:.2f}",
            "" if result.floor is None else f"{result.floor:.4g}",
            "" if result.fraction is None else f"{result.fraction:.0%}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write_csv(path, results):
    """One line a result, with the names of `Result`'s fields as the header."""
    with files.whole_file(path) as temporary, open(temporary, "w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Result)])
        writer.writeheader()
        writer.writerows(asdict(result) for result in results)


def write_plot(path, results):
    """A panel a row, a bar a contender, the range as a whisker and the floor as a line.

    Rows in which nobody is compared, such as the machine's rates, are left to the table.
    """
    rows = {}
    for result in results:
        rows.setdefault(result.row, []).append(result)
    rows = {row: cells for row, cells in rows.items() if len(cells) > 1} or rows
    lines = -(-len(rows) // 2)
    figure, panels = pyplot.subplots(
        lines, 2, figsize=(11, 2.1 * lines), squeeze=False, layout="constrained"
    )
    for axes in panels.flat[len(rows) :]:
        axes.remove()
    for (row, cells), axes in zip(rows.items(), panels.flat, strict=False):
        names = [cell.contender for cell in cells]
        medians = np.array([cell.median for cell in cells])
        spread = [medians - [cell.low for cell in cells], [cell.high for cell in cells] - medians]
        axes.barh(names, medians, xerr=spread, color="steelblue", ecolor="black")
        for place, cell in enumerate(cells):
            if cell.floor is not None:
                axes.plot([cell.floor] * 2, [place - 0.4, place + 0.4], color="darkred")
        axes.invert_yaxis()
        axes.set_title(f"{row} [{cells[0].unit}]", loc="left", fontsize=10)
    with files.whole_file(path) as temporary:
        figure.savefig(temporary, dpi=100)
    pyplot.close(figure)
