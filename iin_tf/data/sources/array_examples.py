"""Examples from a file of rows and a table of labels: one's own vectors, without any Python."""

from pathlib import Path

import h5py
import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError, choice, fraction
from iin_tf.data.examples import Examples
from iin_tf.data.ids import id_texts
from iin_tf.data.label_table import read_labels
from iin_tf.data.labels import check_source
from iin_tf.data.lazy_rows import lazy
from iin_tf.data.sources.array_files import npz_array
from iin_tf.data.stateless import Stream, generator
from iin_tf.data.store.latent_store import LatentStore
from iin_tf.data.store.manifest import is_store
from iin_tf.data.tables import read_table
from iin_tf.files import reading

SPLITS = ("train", "test")
_ID, _SOURCE, _SPLIT = "id", "source", "split"


def read_rows(path: str | Path, key: str = "x") -> tuple[np.ndarray, np.ndarray | None]:
    """The rows of a file, and their ids where the file has them.

    Args:
      path: .npy (stays on disk), .npz (so where it is not compressed), HDF5, Parquet, or the
        folder of a latent store, whose means are the rows.
      key: name of the rows in an npz or HDF5 file; of the column of lists in Parquet.

    Returns:
      An array [n, ...], and the ids [n] of "id" in npz, HDF5 or Parquet and of a store, or None.

    Raises:
      InputError: a file of another kind, or without those rows.
    """
    path = checks.path(path, "path")
    if is_store(path):
        store = LatentStore(path)
        return store.mean, store.id
    match path.suffix:
        case ".npy":
            with reading(path):
                return np.load(path, mmap_mode="r", allow_pickle=False), None
        case ".npz":
            with reading(path), np.load(path, allow_pickle=False) as arrays:
                ids = arrays.get(_ID)
            return npz_array(path, key), ids
        case ".h5" | ".hdf5":
            return _hdf5(path, key)
        case ".parquet":
            columns = read_table(path, "path", (_ID,))
            if key not in columns:
                raise InputError(f"path: {path} has no column {key!r}; give one of {list(columns)}")
            return columns[key], columns[_ID]
        case _:
            raise InputError(
                f"path is {str(path)!r}; give .npy, .npz, .h5, .parquet or a latent store"
            )


def _hdf5(path, key):
    with reading(path), h5py.File(path, "r") as file:
        if key not in file:
            raise InputError(f"path: {path} has {sorted(file)}; it should have {key!r}")
        ids = file.get(_ID)
        if ids is not None:
            ids = ids.asstr()[...].astype(np.str_) if ids.dtype.kind == "O" else ids[...]
        return file[key][...], ids


def array_examples(
    path: str | Path,
    labels: object,
    split: str,
    *,
    key: str = "x",
    test: float = 0.2,
    seed: int = 0,
) -> Examples:
    """One split of the rows of a file, with labels from a table that is joined by id.

    A column `source` of the table names the original of each example; a column `split` says
    "train" or "test".  Without it, a seeded part of the sources is the test split, so that no
    source is on both sides.

    Args:
      path: of the rows, as `read_rows` takes them.
      labels: table of labels (CSV, Parquet, data frame) with a column `id`, or None; rows
        without ids of their own are numbered from 0.
      split: "train" or "test".
      key: as `read_rows` takes it.
      test: fraction of the sources that the test split gets, where the table has no `split`.
      seed: of that choice.

    Returns:
      Examples; x as the file has it, where the file can be mapped as `LazyRows`.

    Raises:
      InputError: rows that join no example, an unknown split, or a split without examples.
    """
    choice(split, "split", SPLITS)
    x, ids = read_rows(path, key)
    ids = np.arange(len(x)) if ids is None else ids
    found = {} if labels is None else read_labels(labels, id_texts(ids))
    source = found.pop(_SOURCE, np.arange(len(x)))
    check_source(source, len(x))
    parts = found.pop(_SPLIT, None)
    rows = _drawn(source, split, test, seed) if parts is None else _listed(parts, split)
    if not rows.any():
        raise InputError(f"split is {split!r}, and no example is in it; mend the column")
    return Examples(lazy(x), found, source, ids).select(np.flatnonzero(rows))


def _listed(parts, split):
    wrong = sorted(set(parts.tolist()) - {*SPLITS, "", -1})
    if wrong:
        raise InputError(f"column {_SPLIT!r} holds {wrong[:3]}; give {list(SPLITS)}, or nothing")
    return parts == split


def _drawn(source, split, test, seed):
    """Which examples belong to a split that is drawn by source, bool [n]."""
    originals = np.unique(source)
    count = round(fraction(test, "test") * len(originals))
    if not 0 < count < len(originals):
        raise InputError(
            f"test is {test}, which is {count} of {len(originals)} sources; give another fraction"
        )
    chosen = generator(seed, 0, Stream.SPLITS).permutation(len(originals))[:count]
    held_out = np.isin(source, originals[chosen])
    return held_out if split == "test" else ~held_out
