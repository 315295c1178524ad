"""Examples from a file of rows and a table of labels: one's own vectors, without any Python."""

from pathlib import Path

import numpy as np

from iin_tf.checks import InputError, choice
from iin_tf.data.examples import Examples
from iin_tf.data.ids import id_texts
from iin_tf.data.label_table import read_labels
from iin_tf.data.labels import check_source
from iin_tf.data.sources.row_sources import read_rows
from iin_tf.data.sources.splits import SPLITS, in_split

_ID, _SOURCE, _SPLIT = "id", "source", "split"


def array_examples(
    path: str | Path,
    labels: object,
    split: str,
    *,
    key: str = "x",
    test: float = 0.2,
    seed: int = 0,
) -> Examples:
    """One split of the rows of a file, with labels from that file or a table joined by id.

    A column `source` of either names the original of each example; a column `split` says
    "train" or "test".  Without it, a seeded part of the sources is the test split, so that no
    source is on both sides.

    Args:
      path: of the rows, as `read_rows` takes them.
      labels: table of labels (CSV, Parquet, data frame) with a column `id`, or None where the
        file's own are enough; rows without ids of their own are numbered from 0.
      split: "train" or "test".
      key: as `read_rows` takes it.
      test: fraction of the sources that the test split gets, where nothing says `split`.
      seed: of that choice.

    Returns:
      Examples; x as the file has it, as `LazyRows` but for a compressed npz file.

    Raises:
      InputError: rows that join no example, a label in both, an unknown split, or a split without
        examples.
    """
    choice(split, "split", SPLITS)
    x, found = read_rows(path, key)
    ids = found.pop(_ID, np.arange(len(x)))
    if labels is not None:
        found = joined_labels(found, read_labels(labels, id_texts(ids)))
    source = found.pop(_SOURCE, np.arange(len(x)))
    check_source(source, len(x))
    parts = found.pop(_SPLIT, None)
    return Examples(x, found, source, ids).select(in_split(split, parts, source, test, seed))


def joined_labels(own: dict[str, np.ndarray], table: dict[str, np.ndarray]) -> dict:
    """The labels of both, which name none in common.

    Raises:
      InputError: a name in both.
    """
    both = [name for name in table if name in own]
    if both:
        raise InputError(
            f"labels: the columns {both} are in the file of rows too; leave them out of the table"
        )
    return {**own, **table}
