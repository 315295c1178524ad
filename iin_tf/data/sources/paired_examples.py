"""Two files whose rows show the same things: photographs and sketches, texts and translations."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from iin_tf.checks import InputError
from iin_tf.data.examples import Examples
from iin_tf.data.ids import id_texts
from iin_tf.data.label_table import read_labels
from iin_tf.data.lazy_rows import stacked_rows
from iin_tf.data.sources.array_examples import joined_labels
from iin_tf.data.sources.row_sources import read_rows
from iin_tf.data.sources.splits import in_split

# What the ids of rows of the two end in.
ENDS = ("/a", "/b")


def paired_examples(
    path: str | Path,
    paired_path: str | Path,
    labels: object,
    split: str,
    *,
    key: str = "x",
    test: float = 0.2,
    seed: int = 0,
) -> Examples:
    """One split of the rows of two files that are joined by id.

    Two rows of one id are two views of one original, which is their `source`: pairs of them share
    what the files have in common (`pairs.views_share` in a config, `TransformationPairs` with
    `keeps` in Python), and they stay in one split.

    Args:
      path: of the rows, as `read_rows` takes them; their ids are the file's own, or row numbers.
      paired_path: of the rows of the same width and ids that belong to them.
      labels: table of labels by the files' ids, which both rows get, or None.
      split: "train" or "test".
      key: name of the rows in both files.
      test: fraction of the originals that the test split gets, where nothing says `split`.
      seed: of that choice.

    Returns:
      Examples: the rows of the first file, with "/a" after their ids, then those of the second,
      with "/b"; the label "file" is 0 or 1.  `source` is the id; a column of that name only says
      what the split must not tear.

    Raises:
      InputError: as `array_examples`; ids that one of the files lacks (how many join, the first
        three that do not), or rows of another width.
    """
    first, found = read_rows(path, key)
    second, others = read_rows(paired_path, key)
    if first.shape[1:] != second.shape[1:]:
        raise InputError(
            f"paired_path: rows are {list(second.shape[1:])}, those of path {list(first.shape[1:])}"
            "; give rows of one representation"
        )
    ids = id_texts(found.pop("id", len(first)))
    there = id_texts(others.pop("id", len(second)))
    rows = paired_rows(ids, there)
    found = joined_labels(found, {name: values[rows] for name, values in others.items()})
    if labels is not None:
        found = joined_labels(found, read_labels(labels, ids))
    drawn_by = found.pop("source", np.array(ids))
    chosen = in_split(split, found.pop("split", None), drawn_by, test, seed)
    known = {name: np.concatenate([values[chosen]] * 2) for name, values in found.items()}
    return Examples(
        stacked_rows([(first, chosen), (second, rows[chosen])]),
        {**known, "file": np.repeat([0, 1], len(chosen))},
        np.tile(np.array(ids)[chosen], 2),
        [ids[row] + end for end in ENDS for row in chosen],
    )


def paired_rows(
    ids: Sequence[str], there: Sequence[str], what: str = "ids", places: str = "files"
) -> np.ndarray:
    """For each of `ids`, its row among `there`: int [n].

    Args:
      ids: of the first file's rows, distinct.
      there: of the second's.
      what: messages call them.
      places: messages call the files.

    Raises:
      InputError: one lacks some of the other's; how many join, the first three that do not.
    """
    place = {name: row for row, name in enumerate(there)}
    lost = [name for name in ids if name not in place] or sorted(set(there) - set(ids))
    if lost:
        both = len(set(ids) & set(there))
        raise InputError(
            f"paired_path: {both} {what} are in both {places}, of {len(ids)} in the first and "
            f"{len(there)} in the second; first {what} in one alone: {lost[:3]}"
        )
    return np.array([place[name] for name in ids])
