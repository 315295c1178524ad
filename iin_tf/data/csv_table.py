"""CSV files and the ids in them."""

import csv
import operator
from pathlib import Path

import numpy as np


def read_csv(path):
    """The columns of a CSV file with a header line.

    Returns: dict column -> list of texts, without the blanks around them; "" is an empty cell.
    Errors: ValueError for a file that is missing, empty or not UTF-8, a column named twice, and
        a line with another number of cells than the header (which).
    """
    path = Path(path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            header = [cell.strip() for cell in next(reader, [])]
            rows = []
            for row in reader:
                if len(row) not in (0, len(header)):
                    raise ValueError(
                        f"{path.name} line {reader.line_num} has {len(row)} cells, "
                        f"but the header {len(header)}"
                    )
                if row:
                    rows.append([cell.strip() for cell in row])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"path {str(path)!r} cannot be read as CSV: {error}") from error
    if len(set(header)) < len(header):
        raise ValueError(f"{path.name} names a column twice: {header}")
    if not rows:
        raise ValueError(f"{path.name} holds no rows below a header line")
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))


def rows_of(ids, texts, name):
    """The examples that ids in a table mean, int64 [len(texts)].

    Args:
        ids: n, where the table holds row numbers from 0 to n - 1, or the n ids of the examples.
        texts: the ids as the table holds them.
        name: of the table, for messages.
    Errors: ValueError for ids that occur twice among the examples, and for unknown ones (how many,
        the first three).
    """
    known = {str(value): row for row, value in enumerate(id_list(ids))}
    unknown = list(dict.fromkeys(text for text in texts if text not in known))
    if unknown:
        raise ValueError(
            f"{name} names {len(unknown)} unknown ids, first {unknown[:3]}; "
            f"the {len(known)} known ones begin with {list(known)[:3]}"
        )
    return np.array([known[text] for text in texts], dtype=np.int64)


def id_list(ids):
    """`ids` as a list with one distinct entry for each example; a number n means 0 .. n - 1."""
    if np.ndim(ids) == 0:
        try:
            return range(operator.index(ids))
        except TypeError:
            raise ValueError(f"ids is {ids!r}; give the number of examples or their ids") from None
    ids = list(ids)
    if len({str(value) for value in ids}) < len(ids):
        raise ValueError("ids name an example twice; give distinct ids")
    return ids
