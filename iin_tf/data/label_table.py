"""Labels from a table, with missing values."""

from collections.abc import Mapping, Sequence

import numpy as np

from iin_tf.checks import InputError, is_missing
from iin_tf.data.ids import id_texts, join, repeated
from iin_tf.data.labels import check_factors, mapping
from iin_tf.data.tables import read_table


def read_labels(
    table: object,
    ids: object,
    vectors: Mapping[str, Sequence[str]] | None = None,
    *,
    id_column: str = "id",
) -> dict[str, np.ndarray]:
    """The labels of all examples from a table: a CSV or Parquet file, or a data frame.

    Every row stands for the example that its id names, and an example without a row has no
    label.  `iin_tf.data.tables.read_table` says how columns are typed, and what counts as missing.

    Args:
      table: path of the file, or a data frame; of a pandas frame without `id_column`, the index
        is taken.
      ids: n, where the table holds row numbers from 0 to n - 1, or the n ids of the examples.
      vectors: mapping name -> columns that together are one label, e.g.
        {"color": ["red", "green", "blue"]}.
      id_column: name of the column of ids; capitals do not matter.

    Returns:
      dict name -> [n] int64 (missing: -1), float64 (missing: NaN) or text (missing: ""); a vector
      is float64 [n, columns].

    Raises:
      InputError: rows that join no example (how many do, the first three that do not), an example
        named twice, unknown columns, text in a vector, what cannot be read.
    """
    examples = id_texts(ids)
    columns = read_table(table, "table", (id_column,))
    rows = join(examples, columns.pop(id_column), id_column)
    if len(np.unique(rows)) < len(rows):
        raise InputError(
            f"column {id_column!r}: {repeated([examples[row] for row in rows])}; give each example "
            "one row"
        )
    labels = {}
    for name, members in mapping(vectors, "vectors").items():
        members = check_factors(members, columns, f"vectors[{name!r}]")
        labels[name] = _vector(name, [columns.pop(member) for member in members])
    for name, values in columns.items():
        if name in labels:
            raise InputError(f"vectors names {name!r}, which is a column too; rename it")
        labels[name] = values
    return {name: _spread(values, rows, len(examples)) for name, values in labels.items()}


def _vector(name, members):
    if any(member.dtype.kind not in "biuf" or member.ndim > 1 for member in members):
        raise InputError(f"vectors[{name!r}] has a column of text; give numbers or empty cells")
    channels = [np.where(is_missing(member), np.nan, member.astype(float)) for member in members]
    return np.stack(channels, axis=1)


def _spread(values, rows, examples):
    """`values` at their examples, and "missing" at all others."""
    if len(rows) < examples and values.dtype.kind in "bu":
        values = values.astype(np.int64)
    missing = {"i": -1, "f": np.nan, "U": ""}.get(values.dtype.kind, 0)
    spread = np.full((examples, *values.shape[1:]), missing, dtype=values.dtype)
    spread[rows] = values
    return spread
