"""Rows of an HDF5 data set, read when they are used."""

import itertools
import math
from pathlib import Path

import h5py
import numpy as np

from iin_tf.checks import InputError
from iin_tf.data.sources.array_files import is_column
from iin_tf.files import reading
from iin_tf.limits import check_dataset, check_inside, check_own

# Values that are read together: 32 MB of float32.
_VALUES = 2**23


class Hdf5Rows:
    """The data set `key` of an HDF5 file, which is opened for each read: others may write it.

    Attributes:
      shape, dtype: of the rows.

    Args:
      path: of the file.
      key: name of the data set; "group/name" too.

    Raises:
      InputError: no HDF5 file, or no such data set.
    """

    def __init__(self, path: Path, key: str):
        self._path, self._key = path, key
        with reading(path), h5py.File(path, "r") as file:
            check_inside(file, key, f"path: {path}")
            rows = file.get(key)
            if not isinstance(rows, h5py.Dataset) or rows.ndim == 0:
                raise InputError(
                    f"path: {path} has no rows {key!r}; give key, one of {sorted(file)}"
                )
            check_own(rows, f"path: {path}")
            self.shape, self.dtype = rows.shape, rows.dtype
        self._together = max(1, _VALUES // max(1, math.prod(self.shape[1:])))

    def columns(self) -> dict[str, np.ndarray]:
        """What else the file says of each row: its small data sets of as many rows."""
        with reading(self._path), h5py.File(self._path, "r") as file:
            return {
                name: _values(data, self._path)
                for name, data in _items(file, self._path)
                if name != self._key
                and isinstance(data, h5py.Dataset)
                and is_column(data.shape, self.shape[0])
            }

    def read(self, rows: np.ndarray) -> np.ndarray:
        """Some rows, whose numbers rise and are distinct."""
        values = np.empty((len(rows), *self.shape[1:]), self.dtype)
        # HDF5 is slow on lists of rows: read what lies around them, and pick.
        starts = np.searchsorted(rows, np.arange(0, self.shape[0] + self._together, self._together))
        with reading(self._path), h5py.File(self._path, "r") as file:
            data = file[self._key]
            for start, end in itertools.pairwise(starts):
                if start < end:
                    first, last = rows[start], rows[end - 1]
                    values[start:end] = data[first : last + 1][rows[start:end] - first]
        return values


def _items(file, path):
    for name in file:
        check_inside(file, name, f"path: {path}")
        yield name, file[name]


def _values(data, path):
    check_dataset(data, f"path: {path}")
    if h5py.check_string_dtype(data.dtype) is not None:
        return data.asstr()[...].astype(np.str_)
    return data[...]
