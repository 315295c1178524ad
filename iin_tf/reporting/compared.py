"""What several runs measured, side by side: cells, marks, and tables as files."""

import csv
import dataclasses
import io
from collections.abc import Callable, Sequence

from iin_tf.checks import InputError
from iin_tf.results import Result, interval_text, number_text
from iin_tf.results.markdown import markdown
from iin_tf.statistics import Summary

MARK = "*"
NOTE = (
    "Of several seeds: mean ± standard deviation over the seeds. In brackets: 95 % interval, for "
    "several seeds of their mean, made of the spread of the seeds and of the runs' own intervals. "
    f"{MARK}: the interval and that of the first run do not overlap; overlapping intervals do not "
    "say that two runs are equal."
)

# Of the CSV; "apart" is 1 where the table has the mark.
_COLUMNS = ("key", "result", "unit", "better", "run", "seeds", "value", "spread", "low", "high",
            "apart")  # fmt: skip


@dataclasses.dataclass(frozen=True)
class ComparedRow:
    """One result of several runs.

    Attributes:
      result: of one of the runs, for its title, unit and direction.
      summaries: of each run, None where it was not measured.
    """

    result: Result
    summaries: tuple[Summary | None, ...]

    @property
    def marks(self) -> tuple[bool, ...]:
        """Of each run: whether its interval and the first run's do not overlap."""
        first = self.summaries[0]
        return tuple(one is not None and one.is_apart(first) for one in self.summaries)

    @property
    def cells(self) -> list[str]:
        """A text for each run."""
        return [
            summary_text(one) + (f" {MARK}" if mark else "")
            for one, mark in zip(self.summaries, self.marks, strict=True)
        ]


def summary_text(summary: Summary | None) -> str:
    """Mean, spread and interval as one text; a dash for None."""
    if summary is None:
        return "-"
    text, ends = number_text(summary.mean), interval_text(summary.interval)
    if summary.spread is not None and isinstance(summary.mean, float):
        text += f" ± {number_text(summary.spread)}"
    same = summary.interval is not None and summary.interval[0] == summary.interval[1]
    return text if ends is None or same else f"{text} ({ends})"


def as_markdown(names: Sequence[str], rows: Sequence[ComparedRow]) -> str:
    """A table to paste, one result a row.

    Args:
      names: of the runs, one a column.
      rows: the results.
    """
    header = ["result", *names, "unit", "better", "key in metrics.json"]
    cells = [
        [one.title, *row.cells, one.unit, one.expected.direction, one.name]
        for row in rows
        for one in (row.result,)
    ]
    return markdown(header, cells)


def as_latex(names: Sequence[str], rows: Sequence[ComparedRow]) -> str:
    """A `longtable` with the rules of the package booktabs, one result a row.

    Args:
      names: of the runs, one a column.
      rows: the results.

    Raises:
      InputError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise InputError(
            "a LaTeX table needs pandas, which is not installed; pip install 'iin_tf[frames]'"
        ) from error
    cells = [[row.result.title, *row.cells, row.result.unit] for row in rows]
    frame = pandas.DataFrame(cells, columns=["result", *names, "unit"])
    return "% needs \\usepackage{booktabs, longtable}\n" + frame.to_latex(
        index=False, escape=True, longtable=True
    )


def as_csv(names: Sequence[str], rows: Sequence[ComparedRow]) -> str:
    """One line for each result and run, in full precision, for other programs.

    Args:
      names: of the runs.
      rows: the results.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        one = row.result
        about = [one.name, one.title, one.unit, one.expected.direction]
        for name, summary, mark in zip(names, row.summaries, row.marks, strict=True):
            if summary is not None:
                ends = summary.interval or ("", "")
                spread = "" if summary.spread is None else summary.spread
                found = [len(summary.values), summary.mean, spread, *ends, int(mark)]
                writer.writerow([*about, name, *found])
    return file.getvalue()


# Form of a table -> its file, and what writes it.
TABLES: dict[str, tuple[str, Callable[[Sequence[str], Sequence[ComparedRow]], str]]] = {
    "markdown": ("table.md", as_markdown),
    "latex": ("table.tex", as_latex),
    "csv": ("table.csv", as_csv),
}
