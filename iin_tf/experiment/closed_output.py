"""A program that writes to somebody who reads no more, as behind `| head -1`."""

import contextlib
import io
import os
import select
import sys
from collections.abc import Iterator

# As shells count a program that SIGPIPE ended; Python itself ignores that signal.
_CODE = 128 + 13


@contextlib.contextmanager
def quiet_when_unread() -> Iterator[None]:
    """Within the block a program whose output is read no more leaves without a word, with 141."""
    try:
        try:
            yield
        finally:
            # At its own end Python would find out too late for anybody to catch it.
            for stream in _streams():
                stream.flush()
    except BrokenPipeError as error:
        if not is_unread(error):
            raise
        with open(os.devnull, "wb") as nowhere:
            for stream in _streams():
                if _is_left(stream):
                    os.dup2(nowhere.fileno(), stream.fileno())
        sys.exit(_CODE)


def is_unread(error: BaseException) -> bool:
    """Whether an error says that standard output, or standard error, is read no more."""
    return isinstance(error, BrokenPipeError) and any(map(_is_left, _streams()))


def _streams():
    # None where a program was started without them.
    return [stream for stream in (sys.stdout, sys.stderr) if stream is not None]


def _is_left(stream):
    try:
        number = stream.fileno()
    except io.UnsupportedOperation:  # in memory, as in a test
        return False
    if not hasattr(select, "poll"):  # Windows
        return True
    asked = select.poll()
    asked.register(number, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in asked.poll(0))
