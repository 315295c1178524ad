"""A function of rows over more rows than memory holds."""

from pathlib import Path

import keras
import numpy as np

from iin_tf import files


def map_to_file(function, x, path, batch_size=4096, verbose=1):
    """Writes `function` of all rows of `x` to an .npy file, batch after batch.

    Memory holds one batch at a time, however many rows there are, if `x` is itself on disk.
    The file is written whole or not at all.

    Args:
      function: rows [B, ...] -> rows [B, ...], such as `network.transform`, `network.invert`,
        `network.log_prob` or `lambda z: network.swap(z, donor_of(z), ["digit"])`.
      x: array [n, ...], or anything with a length whose slices are arrays: a memory map, the
        `mean` of a LatentStore.
      path: of the file, ending in .npy.
      batch_size: rows of a batch.
      verbose: 1 shows a progress bar, 0 nothing.

    Returns:
      The result [n, ...], memory-mapped from the file, read-only.

    Raises:
      ValueError: no rows, `batch_size` below 1, another suffix, or `function` does not give a
        row for each row.
    """
    if Path(path).suffix != ".npy":
        raise ValueError(f"path is {str(path)!r}; give a name that ends in .npy")
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; give 1 or more")
    if len(x) == 0:
        raise ValueError("x has 0 rows; give at least one")
    progress = keras.utils.Progbar(len(x), verbose=verbose, unit_name="row")
    with files.whole_file(path) as temporary:
        rows = None
        for start in range(0, len(x), batch_size):
            batch = np.asarray(x[start : start + batch_size])
            values = np.asarray(function(batch))
            if values.shape[:1] != batch.shape[:1]:
                raise ValueError(
                    f"function gave shape {values.shape} for {len(batch)} rows; "
                    "it must give one row for each"
                )
            if rows is None:
                shape = (len(x), *values.shape[1:])
                rows = np.lib.format.open_memmap(temporary, "w+", values.dtype, shape)
            rows[start : start + len(batch)] = values
            progress.add(len(batch))
        rows.flush()
    return np.load(path, mmap_mode="r")
