"""One checkpoint on disk: a folder of files, and a manifest that knows each by its SHA-256."""

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from iin_tf import files
from iin_tf.checks import InputError
from iin_tf.temporaries import replace_directory, unfinished

FORMAT = 1
_MANIFEST, _STATE = "manifest.json", "state.json"
_KEYS = {"format": int, "files": dict}
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class DamagedCheckpoint(InputError):
    """A checkpoint lacks a file, or has one that is not as it was written."""


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
        with _DigestedFile(directory / f"{group}.npz") as file:
            np.savez(file, **some)
        known[f"{group}.npz"] = file.description()
    known[_STATE] = _write_json(directory / _STATE, state).description()
    manifest = _write_json(directory / _MANIFEST, {"format": FORMAT, "files": known})
    files.flush(directory)
    return manifest.description()["sha256"]


def _write_json(path, value):
    with _DigestedFile(path) as file:
        file.write(json.dumps(value).encode())
    return file


class _DigestedFile(io.RawIOBase):
    """A new file whose digest is taken while it is written; on the disk when it is closed."""

    def __init__(self, path: Path):
        self._handle = os.open(path, _FLAGS, 0o644)
        self._digest, self._bytes = hashlib.sha256(), 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """Writes all of `data`."""
        rest = memoryview(data).cast("B")
        length = len(rest)
        self._digest.update(rest)
        self._bytes += length
        while rest:
            rest = rest[os.write(self._handle, rest) :]
        return length

    def close(self) -> None:
        """Closes it; what it holds is on the disk then."""
        if self.closed:
            return
        super().close()
        try:
            os.fsync(self._handle)
        finally:
            os.close(self._handle)

    def description(self) -> dict[str, Any]:
        """What the manifest says of it."""
        return {"sha256": self._digest.hexdigest(), "bytes": self._bytes}


def read_checkpoint(
    path: Path, digest: str | None = None
) -> tuple[dict[str, dict[str, np.ndarray]], dict[str, Any]]:
    """What `write_checkpoint` wrote at `path`: arrays and state.

    Args:
      path: of the folder.
      digest: of the manifest, where it is known.

    Raises:
      DamagedCheckpoint: a file is missing or not as it was written; the message names it.
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
    try:
        if digest is not None and _digest(path / _MANIFEST) != digest:
            raise DamagedCheckpoint(f"{path / _MANIFEST} is not as it was written")
        manifest = files.read_json(path / _MANIFEST, _KEYS)
        files.check_format(manifest["format"], FORMAT, f"checkpoint {path}")
        for name, known in manifest["files"].items():
            _check_file(path, name, known)
    except (DamagedCheckpoint, files.NewerFormat):
        raise
    except (InputError, OSError) as error:
        raise DamagedCheckpoint(str(error)) from error
    if _STATE not in manifest["files"]:
        raise DamagedCheckpoint(f"{path / _MANIFEST} does not name {_STATE}")
    return list(manifest["files"])


def _check_file(path, name, known):
    if Path(name).name != name or not isinstance(known, dict):
        raise DamagedCheckpoint(f"{path / _MANIFEST} names {name!r}, which is no file of its own")
    file = path / name
    if not file.is_file():
        raise DamagedCheckpoint(f"{file} is missing")
    if file.stat().st_size != known.get("bytes") or _digest(file) != known.get("sha256"):
        raise DamagedCheckpoint(f"{file} is not as it was written")


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
