"""The checkpoints of one training: the newest few, the best, and which of them is current."""

import dataclasses
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from iin_tf import files
from iin_tf.checks import InputError, MissingInput
from iin_tf.digests import DamagedFile
from iin_tf.temporaries import sweep
from iin_tf.training.checkpoint_files import check_checkpoint, read_checkpoint, write_checkpoint

_POINTER = "current.json"


class DamagedCheckpointWarning(UserWarning):
    """A checkpoint is damaged, and an older one is used."""


@dataclasses.dataclass(frozen=True)
class _Entry:
    """One line of the pointer: a folder, the SHA-256 of its manifest, the best one of then."""

    name: str
    sha256: str | None = None
    best: str | None = None


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds.

    Attributes:
      path: its folder.
      arrays: mapping group -> name -> array.
      state: all else, as JSON has it: step, epoch, best and more.
    """

    path: Path
    arrays: dict[str, dict[str, np.ndarray]]
    state: dict[str, Any]


class CheckpointFolder:
    """A folder of checkpoints, `step_000000250` and so on.

    `current.json` names those that count, the newest first; it is replaced by one rename once a
    checkpoint is whole and on the disk, and what it no longer names is removed after that.

    Args:
      directory: made with the first checkpoint.
      keep: how many of the newest stay; the best of each stays beside them.
    """

    def __init__(self, directory: Path, keep: int):
        self.directory, self.keep = directory, keep
        self._entries: list[_Entry] = []

    def newest(self) -> Checkpoint | None:
        """The newest checkpoint that is whole, as is the best of its time; None without one.

        Warns of every damaged one that is newer, and names its file.

        Raises:
          InputError: the directory is something else.
        """
        if self.directory.exists() and not self.directory.is_dir():
            raise InputError(f"{str(self.directory)!r} is no folder; give one for the checkpoints")
        sweep(self.directory)
        entries = self._listed()
        damaged: list[DamagedFile] = []
        found = None
        for place, entry in enumerate(entries):
            try:
                found = self._read(entry)
            except DamagedFile as error:
                damaged.append(error)
                continue
            entries[place] = dataclasses.replace(entry, best=_best_name(found.state))
            break
        self._entries = entries[len(damaged) : len(damaged) + self.keep]
        _warn(damaged, found)
        return found

    def best(self, state: Mapping[str, Any]) -> Checkpoint:
        """The best checkpoint of the time that a state is of."""
        return self._read(_Entry(str(_best_name(state))), alone=True)

    def path_of(self, step: int) -> Path:
        """Of the checkpoint after so many steps."""
        return self.directory / _name(step)

    def add(self, arrays: Mapping[str, Mapping[str, np.ndarray]], state: Mapping[str, Any]) -> None:
        """Writes a checkpoint, makes it the current one, and removes what is too old.

        Args:
          arrays: as in `write_checkpoint`.
          state: as in `write_checkpoint`; has "step" and "best", None or one with a "step".

        Raises:
          InputError: the disk does not take it; the checkpoints before it stay.
        """
        name = _name(state["step"])
        digest = write_checkpoint(self.directory / name, arrays, state)
        older = [entry for entry in self._entries if entry.name != name]
        self._entries = [_Entry(name, digest, _best_name(state)), *older][: self.keep]
        try:
            lines = [dataclasses.asdict(entry) for entry in self._entries]
            files.write_json(self.directory / _POINTER, lines, flushed=True)
            self._remove_old()
        except OSError as error:
            raise InputError(
                f"{self.directory} does not take a checkpoint ({error.strerror}); free space: what "
                "was saved before is whole, and the same command goes on from it"
            ) from error

    def _remove_old(self):
        kept = {entry.name for entry in self._entries} | {entry.best for entry in self._entries}
        for path in self.directory.glob("step_*"):
            if path.name not in kept:
                shutil.rmtree(path)

    def _listed(self):
        path = self.directory / _POINTER
        try:
            return [_Entry(**line) for line in files.read_json(path)]
        except MissingInput:
            pass
        except (InputError, TypeError) as error:
            warnings.warn(
                f"{path} is damaged ({error}); the newest whole checkpoint beside it is used",
                DamagedCheckpointWarning,
                stacklevel=2,
            )
        found = sorted((path.name for path in self.directory.glob("step_*")), reverse=True)
        return [_Entry(name) for name in found]

    def _read(self, entry, alone=False):
        path = self.directory / Path(entry.name).name
        arrays, state = read_checkpoint(path, entry.sha256)
        best = _best_name(state)
        if not alone and best not in (None, entry.name):
            check_checkpoint(self.directory / best)
        return Checkpoint(path, arrays, state)


def _warn(damaged, found):
    mend = "training begins anew" if found is None else f"{found.path} is used"
    for error in damaged:
        warnings.warn(
            f"damaged checkpoint: {error}; {mend}", DamagedCheckpointWarning, stacklevel=3
        )


def _name(step):
    return f"step_{step:09d}"


def _best_name(state):
    best = state.get("best")
    return None if best is None else _name(best["step"])
