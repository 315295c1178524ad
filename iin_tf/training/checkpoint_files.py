"""One checkpoint on disk: a folder of files, and a manifest that knows each by its SHA-256."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from iin_tf import digests, files
from iin_tf.checks import InputError
from iin_tf.digests import DamagedFile
from iin_tf.temporaries import replace_directory, unfinished

_STATE = "state.json"


def write_checkpoint(
    path: Path, arrays: Mapping[str, Mapping[str, np.ndarray]], state: Mapping[str, Any]
) -> str:
    """Writes a checkpoint beside `path`, flushes it to the disk, and gives it its name.

    Args:
      path: of the folder; what stands there is replaced.
      arrays: mapping group -> name -> array; a file a group.
      state: what JSON can say.

    Returns:
      The SHA-256 of the manifest.

    Raises:
      InputError: the disk is full, or does not take the files; what was there before stays.
    """
    try:
        with unfinished(path) as directory:
            new = directory / "new"
            new.mkdir()
            digest = _write_files(new, arrays, state)
            replace_directory(new, path)
            files.flush(path.parent)
    except OSError as error:
        raise InputError(
            f"{path.parent} does not take a checkpoint ({error.strerror}); free space or give "
            "another folder: what was saved before is whole, and the same command goes on from it"
        ) from error
    return digest


def _write_files(directory, arrays, state):
    known = {}
    for group, some in arrays.items():
        with digests.DigestedFile(directory / f"{group}.npz") as file:
            np.savez(file, **some)
        known[f"{group}.npz"] = file.description()
    known[_STATE] = digests.write_json(directory / _STATE, state)
    digest = digests.write_manifest(directory, known)
    files.flush(directory)
    return digest


def read_checkpoint(
    path: Path, digest: str | None = None
) -> tuple[dict[str, dict[str, np.ndarray]], dict[str, Any]]:
    """What `write_checkpoint` wrote at `path`: arrays and state.

    Args:
      path: of the folder.
      digest: of the manifest, where it is known.

    Raises:
      DamagedFile: a file is missing or not as it was written; the message names it.
      NewerFormat: a newer version of the package wrote it.
    """
    names = check_checkpoint(path, digest)
    arrays = {}
    for name in names:
        if name.endswith(".npz"):
            with np.load(path / name, allow_pickle=False) as file:
                arrays[name.removesuffix(".npz")] = dict(file)
    return arrays, files.read_json(path / _STATE, {})


def check_checkpoint(path: Path, digest: str | None = None) -> list[str]:
    """The names of the files of a checkpoint, of which each is as it was written.

    Args, Raises: as `read_checkpoint`.
    """
    names = digests.check_manifest(path, "checkpoint", digest)
    if _STATE not in names:
        raise DamagedFile(f"{path} has a manifest that does not name {_STATE}")
    return names
