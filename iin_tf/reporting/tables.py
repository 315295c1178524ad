"""Results as tables of texts, for pages."""

import dataclasses
from collections.abc import Sequence

from iin_tf.results import Result, interval_text, number_text

# Heading of each column, and its text of a result; the first is never left out.
_COLUMNS = {
    "result": lambda one: one.title,
    "value": lambda one: number_text(one.value),
    "interval": lambda one: interval_text(one.interval) or "",
    "null": lambda one: "" if one.null is None else number_text(one.null),
    "unit": lambda one: one.unit,
    "better": lambda one: "" if one.expected.direction == "neither" else one.expected.direction,
    "perfect": lambda one: _expected(one.expected.perfect),
    "meaningless": lambda one: _expected(one.expected.meaningless),
}
_NUMBERS = ("value", "interval", "null")


class Noted(str):
    """A cell with a note, which is seen where it is pointed at."""

    note: str

    def __new__(cls, text: str, note: str) -> "Noted":
        made = super().__new__(cls, text)
        made.note = note
        return made


def with_interval(text: str, result: Result) -> str:
    """The text of a result's value; its interval, where it has one, is the note."""
    if result.interval is None:
        return text
    return Noted(text, f"95 % interval: {interval_text(result.interval)}")


@dataclasses.dataclass(frozen=True)
class Table:
    """A table of a page.

    Attributes:
      columns: headings; the first column names its row.
      numbers: those of them that hold numbers.
      rows: what to say of a row where it is pointed at, and its cells.
    """

    columns: list[str]
    numbers: list[str]
    rows: list[tuple[str, list[str]]]


def result_table(results: Sequence[Result]) -> Table:
    """One row a result; columns in which no result has anything to say are left out."""
    cells = {name: [text(one) for one in results] for name, text in _COLUMNS.items()}
    cells = {name: texts for name, texts in cells.items() if any(texts)}
    texts = zip(*cells.values(), strict=True)
    rows = [(_about(one), list(row)) for one, row in zip(results, texts, strict=True)]
    return Table(list(cells), [name for name in cells if name in _NUMBERS], rows)


def compared_table(names: Sequence[str], rows: Sequence[tuple[Result, Sequence[str]]]) -> Table:
    """One row a result, with a column for each run.

    Args:
      names: of the runs, one a column.
      rows: a result, and its text in each run.
    """
    columns = ["result", *names, "unit", "better"]
    cells = [
        (_about(one), [one.title, *texts, one.unit, _COLUMNS["better"](one)]) for one, texts in rows
    ]
    return Table(columns, list(names), cells)


def _about(result: Result) -> str:
    """How a result is measured: what stands where its row is pointed at."""
    return result.measured


def _expected(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
