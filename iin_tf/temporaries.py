"""Folders of what is being written: each is locked by its writer, so that the dead's can go.

A folder stands beside what it is to become, as `.NAME.unfinished.RANDOM`.  Its lock ends with the
process that holds it, however that ends: a folder without a lock is a killed writer's.
"""

import contextlib
import ctypes
import errno
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: nothing tells there whether a writer lives, so nothing is swept
    fcntl = None  # type: ignore[assignment]

_NAME = re.compile(r"\.(.+)\.unfinished\.\w+", re.DOTALL)
# In such a folder: what stood there before, on its way out.
_OLD = "old"
# Of Linux's renameat2: both names change places in one step.
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


@contextlib.contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """A directory beside `path` that goes with the block, locked while its writer lives.

    Args:
      path: what is to be written; its parent is made where there is none.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    directory, handle = _locked_directory(path)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def sweep(directory: Path) -> list[Path]:
    """Removes, at any depth, what killed writers left unfinished.

    What living writers hold stays.  A directory that was on its way out goes back where nothing
    has taken its place.

    Args:
      directory: where to look; there may be none.

    Returns:
      The folders that are gone.
    """
    gone = []
    for parent, names, _ in os.walk(directory):
        found = [name for name in names if _NAME.fullmatch(name)]
        gone += [Path(parent, name) for name in found if _remove_dead(Path(parent, name))]
        # What is inside of such a folder is its writer's.
        names[:] = [name for name in names if name not in found]
    return gone


def sweep_beside(path: Path) -> None:
    """Removes what killed writers of `path` left unfinished."""
    for left in path.parent.iterdir():
        match = _NAME.fullmatch(left.name)
        if match and match[1] == path.name:
            _remove_dead(left)


def replace_directory(new: Path, path: Path) -> None:
    """Puts the directory `new` in the place of `path`, where something may stand.

    On Linux `path` is the old or the new one at every moment.  Where a system cannot exchange two
    names in one step there is none for an instant, and `sweep` puts the old one back if that was
    the process's last.

    Args:
      new: a directory in an `unfinished` one of `path`, which takes what stood there.
      path: what it becomes.
    """
    if not os.path.lexists(path):
        os.replace(new, path)
        return
    if _exchange(new, path):
        return
    old = new.parent / _OLD
    os.replace(path, old)
    try:
        os.replace(new, path)
    except OSError:
        os.replace(old, path)
        raise


def _locked_directory(path: Path) -> tuple[Path, int | None]:
    # Until a folder is locked before a sweep takes it for a dead writer's.
    while True:
        prefix = f".{path.name}.unfinished."
        directory = Path(tempfile.mkdtemp(dir=path.parent, prefix=prefix))
        if fcntl is None:
            return directory, None
        try:
            handle = os.open(directory, os.O_RDONLY)
        except FileNotFoundError:
            continue
        # File systems without locks: nothing is swept there, as no lock can be had.
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        if directory.exists():
            return directory, handle
        os.close(handle)


def _remove_dead(left: Path) -> bool:
    """Removes a folder that nobody holds a lock on; whether it is gone."""
    if fcntl is None:
        return False
    try:
        handle = os.open(left, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        # Another sweep was quicker, or it is no folder of ours.
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _put_back(left)
        shutil.rmtree(left)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _put_back(left: Path) -> None:
    match = _NAME.fullmatch(left.name)
    path = left.with_name(match[1]) if match else left
    if (left / _OLD).exists() and not path.exists():
        os.rename(left / _OLD, path)


def _exchange(one: Path, other: Path) -> bool:
    """Exchanges two names in one step; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    names = (os.fsencode(one), os.fsencode(other))
    if call(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(one), None, str(other))
