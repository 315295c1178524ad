"""Tables of pairs and of labels: CSV, Parquet, mappings, data frames."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from fuzzing.mutations import any_array, any_value, changed_bytes, changed_text
from iin_tf.data import PairTable, read_labels

ROWS = 12
PAIRS = {
    "id_a": [0, 1, 2, 3, 4, 5],
    "id_b": [6, 7, 8, 9, 10, 11],
    "factor": ["digit", "color"] * 3,
}
LABELS = {
    "id": list(range(ROWS)),
    "digit": [0, 1, 2] * 4,
    "shade": [0.5, 1.5, 2.25] * 4,
    "name": ["a", "b", ""] * 4,
}


def pair_tables(random: np.random.Generator, folder: Path) -> None:
    """A table of pairs with something changed, or arguments that do not fit."""
    table = _table(random, folder, PAIRS)
    arguments = {"factors": ("digit", "color"), "ids": ROWS}
    if random.random() < 0.2:
        name = ["factors", "ids", "source", "labels", "elsewhere", "weights", "seed"]
        arguments[name[random.integers(len(name))]] = any_value(random)
    PairTable(table, **arguments).draw(4, 0)


def label_tables(random: np.random.Generator, folder: Path) -> None:
    """A table of labels with something changed, or arguments that do not fit."""
    table = _table(random, folder, LABELS)
    arguments = {"ids": ROWS}
    if random.random() < 0.3:
        name = ["ids", "vectors", "id_column"]
        arguments[name[random.integers(len(name))]] = any_value(random)
    read_labels(table, **arguments)


def _table(random, folder, columns):
    match random.integers(4):
        case 0:
            lines = [",".join(columns)]
            lines += [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
            text = changed_text(random, "\n".join(lines))
            path = folder / "table.csv"
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
            return path
        case 1:
            path = folder / "table.parquet"
            pa.parquet.write_table(pa.table(columns), path)
            path.write_bytes(changed_bytes(random, path.read_bytes()))
            return path
        case 2:
            name = list(columns)[random.integers(len(columns))]
            rows = len(columns[name]) if random.random() < 0.7 else None
            value = any_value(random) if random.random() < 0.3 else any_array(random, rows)
            return {**columns, name: value}
        case _:
            return any_value(random)
