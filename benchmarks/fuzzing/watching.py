"""What a case may not do: take too long, take too much memory, write elsewhere."""

import contextlib
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
# The folder that may be written, and what was opened elsewhere.
_watched = {"folder": None, "outside": []}


class Hang(BaseException):
    """A case took too long; no `except Exception` keeps it."""


@contextlib.contextmanager
def no_longer_than(seconds):
    """Raises Hang in the block after so many seconds."""

    def stop(*_):
        raise Hang(f"longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def writes_outside(folder):
    """Yields a list of the files that the block opens for writing outside of `folder`."""
    _watched.update(folder=f"{Path(folder).resolve()}{os.sep}", outside=[])
    try:
        yield _watched["outside"]
    finally:
        _watched["folder"] = None


def limited_memory(more):
    """Lets this process take no more than `more` bytes beyond what it has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * os.sysconf("SC_PAGE_SIZE") + more,) * 2)


def _audit(event, arguments):
    if event != "open" or _watched["folder"] is None:
        return
    path, mode, how = arguments
    writes = how & _WRITING if isinstance(how, int) and not isinstance(mode, str) else None
    if writes is None:
        writes = set(mode or "") & set("wax+")
    if not writes or not isinstance(path, str | bytes | os.PathLike):
        return
    full = os.path.realpath(os.fsdecode(path))
    # Python's compiled modules, and what a process writes nowhere.
    if full.startswith((_watched["folder"], "/dev/")) or full.endswith(".pyc") or ".pyc." in full:
        return
    _watched["outside"].append(full)


sys.addaudithook(_audit)
# Asked for once, its directory is tried out by a write.
tempfile.gettempdir()
