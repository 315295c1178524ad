"""Files of rows of every kind: the rows, and what the file says of each of them."""

from pathlib import Path
from typing import Any

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.data.lazy_rows import LazyRows, in_rising_order, lazy
from iin_tf.data.sources.array_files import npz_array, npz_columns
from iin_tf.data.store.latent_store import LatentStore
from iin_tf.data.store.manifest import is_store
from iin_tf.files import reading

SUFFIXES = (".npy", ".npz", ".h5", ".hdf5", ".parquet", ".tfrecord")


def read_rows(path: str | Path, key: str = "x") -> tuple[Any, dict[str, np.ndarray]]:
    """The rows of a file, which stay on disk until they are used, and what it says of each.

    Args:
      path: .npy; .npz (in memory where it is compressed); HDF5 (.h5, .hdf5); Parquet; TFRecord, a
        file or a folder of *.tfrecord files (`TFRecordRows` has the features); or the folder of a
        latent store, whose means are the rows.
      key: name of the rows in a file that holds several arrays, columns or features.

    Returns:
      Rows [n, ...], `LazyRows` but for a compressed npz file, and a mapping name -> [n] or
      [n, channels]: the file's other arrays, columns or features of as many rows and at most 16
      channels, such as "id", "source" and labels.

    Raises:
      InputError: a file of another kind, or without those rows.
    """
    path = checks.path(path, "path")
    if is_store(path):
        store = LatentStore(path)
        return lazy(store.mean), _columns_of(store)
    if path.suffix == ".npy":
        with reading(path):
            return lazy(np.load(path, mmap_mode="r", allow_pickle=False)), {}
    if path.suffix == ".npz":
        rows = npz_array(path, key)
        return lazy(rows), npz_columns(path, key, len(rows))
    opened = _open(path, key)
    rows = LazyRows(in_rising_order(opened.read), opened.shape, opened.dtype)
    return rows, opened.columns()


def _columns_of(store):
    columns = {**store.labels, "id": store.id}
    # Where every example is an original of its own, the source says nothing.
    if len(np.unique(store.source)) < len(store):
        columns["source"] = store.source
    return columns


def _open(path, key):
    # Each brings its own library, which the others do not need.
    if path.suffix in (".h5", ".hdf5"):
        from iin_tf.data.sources.hdf5_rows import Hdf5Rows

        return Hdf5Rows(path, key)
    if path.suffix == ".parquet":
        from iin_tf.data.sources.parquet_rows import ParquetRows

        return ParquetRows(path, key)
    if path.is_dir() or ".tfrecord" in path.name:
        from iin_tf.data.sources.tfrecord_rows import TFRecordRows

        return TFRecordRows(path, key)
    raise InputError(
        f"path is {str(path)!r}; give {', '.join(SUFFIXES)}, a folder of .tfrecord files or a "
        "latent store"
    )
