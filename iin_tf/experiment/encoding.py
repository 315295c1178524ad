"""Encoding that an interruption does not undo: many batches at a time are kept in a file."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from iin_tf import files
from iin_tf.checks import InputError
from iin_tf.first_stages import FirstStage, encode_in_batches
from iin_tf.first_stages.rows import row_count, take_rows

# Of a representation, in one file: 64 MB with its variances.
_VALUES = 2**23
_MOMENTS = ("mean", "log_variance")


class EncodedParts:
    """`encode_in_batches`, of which many batches at a time are kept in a file: a part.

    Parts of an interrupted run are read and not computed again.

    Args:
      first_stage: FirstStage.
      x: as in `encode_in_batches`.
      batch_size: as in `encode_in_batches`.
      directory: of the files.
    """

    def __init__(self, first_stage: FirstStage, x: Any, batch_size: int, directory: Path):
        self.first_stage, self.x, self.batch_size = first_stage, x, batch_size
        self.directory = directory
        rows = batch_size * max(1, _VALUES // (batch_size * first_stage.latent_size))
        self._rows, self._starts = rows, range(0, row_count(x), rows)

    def __len__(self) -> int:
        return len(self._starts)

    def part(self, number: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Mean and log-variance of the batches of one part, from its file or computed and kept."""
        start = self._starts[number]
        path = self.directory / f"rows_{start:012d}.npz"
        if not _is_whole(path):
            some = take_rows(self.x, start, self._rows)
            batches = list(encode_in_batches(self.first_stage, some, self.batch_size))
            _keep(path, batches)
            return batches
        with np.load(path, allow_pickle=False) as file:
            ends = np.cumsum(file["lengths"])[:-1]
            return list(zip(*(np.split(file[name], ends) for name in _MOMENTS), strict=True))

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Those of all parts."""
        for number in range(len(self)):
            yield from self.part(number)


def _keep(path, batches):
    mean, log_variance = (np.concatenate(part) for part in zip(*batches, strict=True))
    with files.whole_file(path) as temporary:
        lengths = [len(rows) for rows, _ in batches]
        np.savez(temporary, lengths=lengths, mean=mean, log_variance=log_variance)


def _is_whole(path):
    """Whether there is a part, every array of which is as it was written."""
    if not path.exists():
        return False
    try:
        with files.reading(path), np.load(path, allow_pickle=False) as file:
            return {"lengths", *_MOMENTS} <= {name for name in file if file[name].size}
    except InputError as error:
        warnings.warn(f"{error}; it is encoded again", stacklevel=2)
        return False
