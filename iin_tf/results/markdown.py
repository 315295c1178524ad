"""Numbers as texts, and tables to paste."""

import re
from collections.abc import Iterable, Sequence

# What would end a cell, begin a tag or set type in Markdown.
_SPECIAL = re.compile(r"[\\|`*]|<(?=[A-Za-z/!?])|&(?=#?\w+;)")


def markdown(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table to paste: one line a row, whatever the cells hold.

    Args:
      header: texts, one a column.
      rows: cells, one a column: texts are escaped, floats get four digits after the point, None
        becomes a dash.
    """
    table = [[_cell(cell) for cell in row] for row in (header, *rows)]
    lines = [table[0], ["---"] * len(table[0]), *table[1:]]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def number_text(value: float | None) -> str:
    """An int as it is, a float with four digits after the point or two that count; None: a dash."""
    if value is None:
        return "-"
    if not isinstance(value, float):
        return str(value)
    return f"{value:.2g}" if 0 < abs(value) < 5e-5 else f"{value:.4f}"


def interval_text(interval: Sequence[float] | None) -> str | None:
    """The ends of an interval as one text, None where there is none."""
    return None if interval is None else " to ".join(number_text(float(end)) for end in interval)


def _cell(cell: object) -> str:
    if cell is None or isinstance(cell, float):
        return number_text(cell)
    return _SPECIAL.sub(lambda found: "\\" + found[0], " ".join(str(cell).split()))
