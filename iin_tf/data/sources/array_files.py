"""Arrays in files that the user has put in place: found, checked, never unpickled."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.files import UNREADABLE, reading
from iin_tf.limits import check_npy, npy_header

# Beside the rows of a file, a label has so many channels at most; wider arrays are other things.
MOST_CHANNELS = 16


def find_file(path: str | Path, name: str, origin: str) -> Path:
    """The file at `path`, or called `name` in the folder `path`.

    Raises:
      InputError: there is none; the message says what was looked for and where it comes from.
    """
    path = checks.path(path, "path")
    path = path / name if path.is_dir() else path
    if not path.is_file():
        raise InputError(f"path: there is no file {path}; get {name} from {origin}, put it there")
    return path


def npz_array(path: str | Path, key: str) -> np.ndarray:
    """The array `key` of an npz file: mapped from disk where it is not compressed, else in memory.

    Other arrays of the file are not touched, and pickled ones are refused.

    Raises:
      InputError: not an npz file, no such array, or one of Python objects.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist()]
            member = archive.getinfo(f"{key}.npy")
            if member.compress_type == zipfile.ZIP_STORED:
                return _mapped(path, member)
            check_npy(archive, member.filename)
        with np.load(path, allow_pickle=False) as arrays:
            return arrays[key]
    except KeyError as error:
        raise InputError(f"path: {path} has no array {key!r}, but {names}; name one") from error
    except UNREADABLE as error:
        reason = " ".join(str(error).split()).strip("'\"")
        raise InputError(f"path: {path} is no npz file with an array {key!r}: {reason}") from error


def npz_columns(path: str | Path, key: str, count: int) -> dict[str, np.ndarray]:
    """What an npz file says of each of `count` rows beside the rows `key`: its small arrays.

    Those of another length or of more than `MOST_CHANNELS` channels are not read.
    """
    with reading(path), zipfile.ZipFile(path) as archive:
        others = [name for name in archive.namelist() if name != f"{key}.npy"]
        names = [name for name in others if is_column(npy_header(archive, name)[0], count)]
        columns = [name.removesuffix(".npy") for name in names]
    return {name: npz_array(path, name) for name in columns}


def is_column(shape: Sequence[int], count: int) -> bool:
    """Whether an array can be ids or labels of `count` rows: [count], or of few channels."""
    if tuple(shape[:1]) != (count,):
        return False
    return len(shape) == 1 or (len(shape) == 2 and shape[1] <= MOST_CHANNELS)


def _mapped(path, member):
    """A stored member of a zip archive as a read-only memory map."""
    with open(path, "rb") as file:
        # The local header is 30 bytes, the name and an extra field, whose lengths end the 30.
        file.seek(member.header_offset + 26)
        file.seek(int(np.frombuffer(file.read(4), "<u2").sum()), 1)
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            header = np.lib.format.read_array_header_1_0(file)
        else:
            header = np.lib.format.read_array_header_2_0(file)
        shape, fortran, dtype = header
        if dtype.hasobject:
            raise InputError("it holds Python objects")
        order: Literal["F", "C"] = "F" if fortran else "C"
        return np.memmap(path, dtype, "r", offset=file.tell(), shape=shape, order=order)


def check_array(path: str | Path, key: str, array: np.ndarray, expected: str, right: bool) -> None:
    """Raises InputError unless `right`, saying what array `key` of the file is and should be."""
    if not right:
        found = f"{array.dtype} {list(array.shape)}"
        raise InputError(f"path: {key!r} in {path} is {found}; it should be {expected}")


def grid_labels(names: Sequence[str], sizes: Sequence[int]) -> dict[str, np.ndarray]:
    """Labels 0, 1, ... of a full grid stored in order, the last factor changing fastest."""
    indices = np.indices(sizes, dtype=np.int64).reshape(len(sizes), -1)
    return dict(zip(names, indices, strict=True))
