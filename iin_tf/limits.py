"""What a file may ask for: looked at before the memory for it is taken."""

import contextlib
import gzip
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Any

import numpy as np

from iin_tf.checks import InputError

try:
    import resource
except ImportError:  # Windows, where a process has no limit of its own
    resource = None  # type: ignore[assignment]

# Where a system does not say what is free.
_ASSUMED = 2**36
# Bytes of a weight: its start is drawn in float64.
_WEIGHT = 8
# How many weights a model may have while one is read, and from which file.
_MOST_WEIGHTS: ContextVar[tuple[int | None, str]] = ContextVar("most_weights", default=(None, ""))
# A text as Python's objects takes a few times its length.
_OBJECTS = 10


def free_memory() -> int:
    """Bytes that this process may still take: what is free, or a limit that stands below it."""
    found = [_ASSUMED]
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text().splitlines()
        line = next(line for line in lines if line.startswith("MemAvailable:"))
        found = [1024 * int(line.split()[1])]
    with contextlib.suppress(OSError, ValueError):
        # A container's own limit; what stands there otherwise is a word.
        most = int(Path("/sys/fs/cgroup/memory.max").read_text())
        found.append(max(0, most - int(Path("/sys/fs/cgroup/memory.current").read_text())))
    if resource is not None:
        most, _ = resource.getrlimit(resource.RLIMIT_AS)
        if most != resource.RLIM_INFINITY:
            found.append(most)
    return min(found)


def free_disk(directory: str | os.PathLike) -> int:
    """Bytes that the disk of a directory still takes."""
    return shutil.disk_usage(directory).free


def check_disk(needed: int, directory: str | os.PathLike, what: str) -> None:
    """Refuses what a disk has no room for.

    Args:
      needed: bytes.
      directory: where they go.
      what: takes them, for the message; of several things.

    Raises:
      InputError: more than `free_disk` is needed.
    """
    free = free_disk(directory)
    if needed > free:
        raise InputError(
            f"{what} take about {size_text(needed)}, and {os.fspath(directory)!r} has room for "
            f"{size_text(free)}; make room, or give another workdir"
        )


def check_memory(needed: int, what: str) -> None:
    """Refuses what this machine cannot hold.

    Args:
      needed: bytes.
      what: what asks for them, for the message.

    Raises:
      InputError: more than `free_memory` is needed.
    """
    free = free_memory()
    if needed > free:
        raise InputError(
            f"{what} asks for {size_text(needed)} of memory, and {size_text(free)} are free; "
            "give a smaller one, or a machine with more"
        )


@contextlib.contextmanager
def most_weights(count: int, what: str) -> Iterator[None]:
    """Inside, `check_weights` refuses a model of more than `count` weights.

    Args:
      count: what the file holds.
      what: the file, for the message.
    """
    token = _MOST_WEIGHTS.set((count, what))
    try:
        yield
    finally:
        _MOST_WEIGHTS.reset(token)


def check_weights(count: int, what: str) -> None:
    """Refuses a model whose weights this machine, or the file that asks for it, does not hold.

    Args:
      count: how many numbers they are.
      what: the model, for the message.

    Raises:
      InputError: too many.
    """
    most, file = _MOST_WEIGHTS.get()
    if most is not None and count > most:
        raise InputError(
            f"{file} asks for {count} weights and holds {most}; give a file that `save` wrote"
        )
    check_memory(_WEIGHT * count, f"{what} of {count} weights")


def size_text(count: int) -> str:
    """Bytes as a text for messages: 1.5 GB."""
    for unit, least in (("EB", 1e18), ("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= least:
            return f"{count / least:.3g} {unit}"
    return f"{count} bytes"


def check_text(path: Path) -> None:
    """Refuses a text file, such as JSON, whose content would not fit in memory."""
    check_memory(_OBJECTS * path.stat().st_size, f"{path}")


def npy_header(archive: zipfile.ZipFile, name: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and dtype of the array `name` of an npz archive, of which no more is unpacked.

    Raises:
      InputError: it is another than the archive says.
    """
    member = archive.getinfo(name)
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        else:
            shape, _, dtype = np.lib.format.read_array_header_2_0(file)
        wanted = file.tell() + dtype.itemsize * int(np.prod(shape, dtype=object))
    what = f"{archive.filename}, array {name.removesuffix('.npy')!r},"
    if wanted != member.file_size and not dtype.hasobject:
        raise InputError(f"{what} is {list(shape)} {dtype}, but has {member.file_size} bytes")
    return shape, dtype


def check_npy(archive: zipfile.ZipFile, name: str) -> None:
    """Refuses the array `name` of an npz archive where it would not fit in memory."""
    npy_header(archive, name)
    what = f"{archive.filename}, array {name.removesuffix('.npy')!r},"
    check_memory(archive.getinfo(name).file_size, what)


def check_npz(path: str | Path) -> None:
    """Refuses an npz file whose arrays would not fit in memory, unpacked, all together."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            npy_header(archive, name)
        check_memory(sum(member.file_size for member in archive.infolist()), f"{path}")


def check_dataset(data: Any, what: str) -> None:
    """Refuses a data set of an HDF5 file that lies elsewhere, or would not fit in memory.

    Args:
      data: h5py.Dataset.
      what: the file, for the message.

    Raises:
      InputError: its values stand in other files, or it is too large.
    """
    check_own(data, what)
    check_memory(int(data.size or 0) * data.dtype.itemsize, f"{what}, {data.name},")


def check_own(data: Any, what: str) -> None:
    """Refuses a data set of an HDF5 file whose values stand in other files."""
    if data.external or data.is_virtual:
        raise InputError(f"{what}, {data.name}, names other files; copy their values into it")


def check_inside(group: Any, name: str, what: str) -> None:
    """Refuses a name in an HDF5 file, or a part of it, that leads to another file.

    Args:
      group: h5py.Group.
      name: in there; "group/name" too.
      what: the file, for the message.
    """
    import h5py

    parts = [part for part in name.split("/") if part]
    for end in range(1, len(parts) + 1):
        link = group.get("/".join(parts[:end]), getlink=True)
        if isinstance(link, h5py.ExternalLink):
            raise InputError(f"{what}, {name!r}, leads to another file; copy it into this one")


def read_limited(file: IO[bytes] | gzip.GzipFile, what: str, share: float = 0.25) -> bytes:
    """All bytes of a compressed file, as long as they take no more than a share of what is free.

    Args:
      file: opened, unpacking.
      what: the file, for the message.
      share: of the free memory, in (0, 1].

    Raises:
      InputError: it unpacks to more.
    """
    most = int(share * free_memory())
    parts, length = [], 0
    while part := file.read(2**24):
        parts.append(part)
        length += len(part)
        if length > most:
            raise InputError(
                f"{what} unpacks to more than {size_text(most)}, a quarter of the free memory; "
                "unpack it, and give what it holds in parts"
            )
    return b"".join(parts)
