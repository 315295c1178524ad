"""A directory has one writer at a time, or several that each write in a place of their own."""

import contextlib
import errno
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from iin_tf.checks import InputError

try:
    import fcntl
except ImportError:  # Windows: nothing there is let go by a process that dies
    fcntl = None  # type: ignore[assignment]

_NAME = ".lock"
# What a file system says that somebody else holds the lock; anything else: it has no locks.
_HELD = (errno.EWOULDBLOCK, errno.EACCES)


@contextlib.contextmanager
def only_writer(directory: str | os.PathLike) -> Iterator[None]:
    """Holds a directory for this process alone, while the block runs.

    The lock goes with the process, however that ends; the file `.lock` that stays says who was
    the last.  Where a system or a file system has no locks, none is taken.

    Args:
      directory: there must be one, and it must take a file.

    Raises:
      InputError: somebody else writes there; the message says who, and since when.
    """
    with _locked(directory, alone=True):
        yield


@contextlib.contextmanager
def one_of_many(directory: str | os.PathLike) -> Iterator[None]:
    """Keeps `only_writer` out of a directory while the block runs, and lets others like this in.

    Args, Raises: as `only_writer`.
    """
    with _locked(directory, alone=False):
        yield


@contextlib.contextmanager
def _locked(directory, alone):
    if fcntl is None:
        yield
        return
    path = Path(directory, _NAME)
    # Not truncated by the open: until the lock is had, what stands there is another's.
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                raise InputError(_in_use(directory, file.read())) from error
        else:
            _sign(file)
        yield


def _sign(file):
    file.truncate(0)
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    file.write(f"process {os.getpid()} on {socket.gethostname()} since {since}")
    file.flush()


def _in_use(directory, holder):
    return (
        f"{os.fspath(directory)!r} is being written by {holder or 'another process'}; wait until "
        "it ends, stop it, or give another directory"
    )
