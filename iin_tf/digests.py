"""A folder's manifest, which knows each of its files by size and SHA-256."""

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iin_tf import files
from iin_tf.checks import InputError

FORMAT = 1
MANIFEST = "manifest.json"
_KEYS = {"format": int, "files": dict}
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class DamagedFile(InputError):
    """A folder lacks a file, or has one that is not as it was written."""


class DigestedFile(io.RawIOBase):
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


def describe(path: Path) -> dict[str, Any]:
    """What the manifest says of a file that is there."""
    return {"sha256": _digest(path), "bytes": path.stat().st_size}


def write_json(path: Path, value: Any) -> dict[str, Any]:
    """Writes a new JSON file, flushed to the disk; what the manifest says of it."""
    with DigestedFile(path) as file:
        file.write(json.dumps(value).encode())
    return file.description()


def write_manifest(directory: Path, known: Mapping[str, Mapping[str, Any]]) -> str:
    """Writes the manifest of a folder.

    Args:
      directory: the folder.
      known: mapping name of a file -> its description.

    Returns:
      The SHA-256 of the manifest.
    """
    value = {"format": FORMAT, "files": dict(known)}
    return write_json(directory / MANIFEST, value)["sha256"]


def check_manifest(directory: Path, what: str, digest: str | None = None) -> list[str]:
    """The names of the files of a folder, of which each is as it was written.

    Args:
      directory: the folder.
      what: it is, for the message.
      digest: of the manifest, where it is known.

    Raises:
      DamagedFile: a file is missing or not as it was written; the message names it.
      NewerFormat: a newer version of the package wrote it.
    """
    path = directory / MANIFEST
    try:
        if digest is not None and _digest(path) != digest:
            raise DamagedFile(f"{path} is not as it was written")
        manifest = files.read_json(path, _KEYS)
        files.check_format(manifest["format"], FORMAT, f"{what} {directory}")
        for name, known in manifest["files"].items():
            _check_file(directory, name, known)
    except (DamagedFile, files.NewerFormat):
        raise
    except (InputError, OSError) as error:
        raise DamagedFile(str(error)) from error
    return list(manifest["files"])


def _check_file(directory, name, known):
    if Path(name).name != name or not isinstance(known, dict):
        raise DamagedFile(f"{directory / MANIFEST} names {name!r}, which is no file of its own")
    file = directory / name
    if not file.is_file():
        raise DamagedFile(f"{file} is missing")
    if describe(file) != {key: known.get(key) for key in ("sha256", "bytes")}:
        raise DamagedFile(f"{file} is not as it was written")


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
