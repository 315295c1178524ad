"""A function of rows over more rows than memory holds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from iin_tf import checks, files
from iin_tf.checks import InputError, shown, whole


def map_to_file(
    function: Callable[[np.ndarray], np.ndarray],
    x: Any,
    path: str | Path,
    batch_size: int = 4096,
    verbose: int = 1,
) -> np.ndarray:
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
      InputError: no rows, `batch_size` below 1, another suffix, or `function` does not give a
        row for each row.
    """
    if checks.path(path, "path").suffix != ".npy":
        raise InputError(f"path is {str(path)!r}; give a name that ends in .npy")
    whole(batch_size, "batch_size", least=1)
    if not callable(function):
        raise InputError(f"function is {shown(function)}; give a function of rows")
    if not hasattr(x, "__len__"):
        raise InputError(f"x is {shown(x)}; give rows, such as an array")
    if len(x) == 0:
        raise InputError("x has 0 rows; give at least one")
    progress = keras.utils.Progbar(len(x), verbose=verbose, unit_name="row")
    with files.whole_file(path) as temporary:
        rows: Any = None
        for start in range(0, len(x), batch_size):
            batch = np.asarray(x[start : start + batch_size])
            values = np.asarray(function(batch))
            if values.shape[:1] != batch.shape[:1]:
                raise InputError(
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
