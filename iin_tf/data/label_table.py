"""Labels from a CSV table, with missing values."""

import re

import numpy as np

from iin_tf.data.csv_table import id_list, read_csv, rows_of


def read_labels(path, ids, vectors=None):
    """The labels of all examples from a CSV file with a header line.

    With a column `id` every row stands for the example that it names, and an example without a
    row has no label; without one, row i is example i.  An empty cell is a missing label.

    Args:
        path: of the file.
        ids: n, where `id` holds row numbers from 0 to n - 1, or the n ids of the examples.
        vectors: mapping name -> columns that together are one label, e.g.
            {"color": ["red", "green", "blue"]}.
    Returns: dict name -> [n] int64 for a column of whole numbers from 0 on (missing: -1),
        float64 for other numbers (missing: NaN), text otherwise (missing: ""); a vector is
        float64 [n, columns].
    Errors: ValueError for rows that do not match the examples, unknown columns, text in a vector.
    """
    columns = read_csv(path)
    examples = len(id_list(ids))
    count = len(next(iter(columns.values())))
    if "id" in columns:
        rows = rows_of(ids, columns.pop("id"), "column 'id'")
        if len(np.unique(rows)) < count:
            raise ValueError("column 'id' names an example twice; give each example one row")
    elif count == examples:
        rows = np.arange(examples)
    else:
        raise ValueError(
            f"path: the table has {count} rows, but there are {examples} examples; "
            "give one row for each, or a column 'id'"
        )
    labels = {}
    for name, members in dict(vectors or {}).items():
        unknown = [member for member in members if member not in columns]
        if unknown:
            raise ValueError(f"vectors[{name!r}] names {unknown}, but columns are {list(columns)}")
        labels[name] = _vector(name, [columns.pop(member) for member in members], rows, examples)
    for name, cells in columns.items():
        if name in labels:
            raise ValueError(f"vectors names {name!r}, which is a column too; rename it")
        labels[name] = _spread(_column(cells), rows, examples)
    return labels


def _vector(name, columns, rows, examples):
    members = [_column(cells) for cells in columns]
    if any(member.dtype.kind == "U" for member in members):
        raise ValueError(f"vectors[{name!r}] has a column of text; give numbers or empty cells")
    members = [np.where(_absent(member), np.nan, member.astype(float)) for member in members]
    return _spread(np.stack(members, axis=1), rows, examples)


def _column(cells):
    present = [cell for cell in cells if cell]
    if all(re.fullmatch(r"\d+", cell) for cell in present):
        return np.array([int(cell) if cell else -1 for cell in cells], dtype=np.int64)
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return np.array(cells)


def _absent(values):
    return values < 0 if values.dtype.kind == "i" else np.isnan(values)


def _spread(values, rows, examples):
    """`values` at their examples, and "missing" at all others."""
    missing = {"i": -1, "f": np.nan, "U": ""}[values.dtype.kind]
    spread = np.full((examples, *values.shape[1:]), missing, dtype=values.dtype)
    spread[rows] = values
    return spread
