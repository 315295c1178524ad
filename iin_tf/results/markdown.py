"""Tables to paste."""


def markdown(header, rows):
    """A table to paste; numbers with four digits after the point, None as a dash."""
    lines = [header, ["---"] * len(header), *[[_text(cell) for cell in row] for row in rows]]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def with_interval(row):
    """A row whose last two entries, low and high, have become one text."""
    *cells, low, high = row
    return [*cells, None if low is None else f"{low:.4f} to {high:.4f}"]


def _text(cell):
    if cell is None:
        return "-"
    return f"{cell:.4f}" if isinstance(cell, float) else str(cell)
