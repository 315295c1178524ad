"""What the files hold that a config names: a change behind the same path is noticed."""

import functools
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iin_tf import files

# Keys whose values are files or folders of the user.
FILE_KEYS = (
    "data.path",
    "data.paired_path",
    "data.labels",
    "pairs.table",
    "pairs.labels",
    "first_stage.path",
)
# Bytes up to which contents are read.
_MOST = 10**9
_PART = 2**22


def contents(flat: Mapping[str, Any]) -> dict[str, str]:
    """Of a flat config's files that are there: `KEY (contents)` -> what tells them from others.

    Args:
      flat: dotted key -> value.

    Returns:
      dict, with the values of `fingerprint`.

    Raises:
      InputError: a file that cannot be read.
    """
    paths = {key: flat[key] for key in FILE_KEYS if flat.get(key)}
    return {
        f"{key} (contents)": fingerprint(path)
        for key, path in paths.items()
        if os.path.exists(path)
    }


def fingerprint(path: str | os.PathLike) -> str:
    """What tells a file, or all files of a folder, from others at the same place.

    The SHA-256 of what they hold, with their names in the folder; where that is more than 1 GB,
    of their sizes and times of modification in its place.  Hidden files do not count, nor do
    workdirs in the folder.

    Args:
      path: of a file or a folder.

    Raises:
      InputError: a file that cannot be read.
    """
    with files.reading(path):
        found = tuple(
            (name, status.st_size, status.st_mtime_ns)
            for name in _names(path)
            for status in [os.stat(os.path.join(path, name) if name else path)]
        )
        return _digest(os.fspath(path), found)


def _names(path):
    """The names of a folder's files below it, sorted; one empty name for a file."""
    if os.path.isfile(path):
        return [""]
    names = []
    for folder, inner, found in os.walk(path, followlinks=True):
        inner[:] = [
            name for name in inner if not (name.startswith(".") or _is_workdir(Path(folder, name)))
        ]
        places = (os.path.join(folder, name) for name in found if not name.startswith("."))
        # A link may lead nowhere.
        names += [os.path.relpath(place, path) for place in places if os.path.isfile(place)]
    return sorted(names)


def _is_workdir(path):
    record = path / "config.json"
    return record.is_file() and '"begun"' in record.read_text(encoding="utf-8", errors="replace")


# Every stage asks for the same files; sizes and times tell whether they are still the same.
@functools.lru_cache(maxsize=256)
def _digest(path, found):
    is_read = sum(size for _, size, _ in found) <= _MOST
    digest = hashlib.sha256()
    for name, size, time in found:
        # A single file's is what `sha256sum` prints.
        if name or not is_read:
            digest.update(repr((name, size, None if is_read else time)).encode())
        if is_read:
            _add(digest, os.path.join(path, name) if name else path)
    return f"{'SHA-256' if is_read else 'sizes and times'} {digest.hexdigest()}"


def _add(digest, path):
    with open(path, "rb") as file:
        while part := file.read(_PART):
            digest.update(part)
