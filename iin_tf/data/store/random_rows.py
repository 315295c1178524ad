"""Rows of an array on disk in any order, for training from what does not fit into memory."""

import mmap
from pathlib import Path

import numpy as np

from iin_tf.files import reading


class RandomRows:
    """Rows of a memory-mapped .npy file: `rows[indices]` is an array of them.

    Only the pages that the rows lie on are read, and all of a call at once.  As an ordinary
    memory map, on a disk with 8 MB of read-ahead, a batch of 50 rows of 1 kB in each of two files
    read 27 MB in place of 0.5 MB, which a store beyond memory pays at every step.

    Args:
      path: of the .npy file.

    Raises:
      InputError: the file cannot be read.
    """

    def __init__(self, path: str | Path):
        self.path = path
        with reading(path):
            values = np.load(path, mmap_mode="r", allow_pickle=False)
        # A plain view of the map: the memmap class costs time at every index.
        self._values = values.view(np.ndarray)
        self.memory, self._header = values.base, values.offset
        self._advise("MADV_RANDOM")

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        row = self._values.strides[0]
        # Whatever is no row raises below; the advice only has to stay within the file.
        places = np.ravel(indices) % len(self._values)
        for start in (self._header + places * row).tolist():
            page = start - start % mmap.PAGESIZE
            self._advise("MADV_WILLNEED", page, start + row - page)
        return self._values[indices]

    def _advise(self, advice, *span):
        # Windows has none; rows are the same without.
        if hasattr(mmap, advice):
            self.memory.madvise(getattr(mmap, advice), *span)
