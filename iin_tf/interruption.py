"""SIGTERM and SIGINT: what is at work is saved, and the process ends with a code of its own."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# What was sent while `save_on_signals` waited for a moment to save; of this process.
_asked: list[int] = []


class Interrupted(SystemExit):
    """A signal ended the work; nothing is lost.

    Whoever does not catch it leaves with exit code 128 + the signal's number, as shells count: 143
    for SIGTERM, 130 for SIGINT.

    Args:
      number: of the signal.
    """

    def __init__(self, number: int):
        super().__init__(128 + number)
        self.number = number
        self.signal_name = signal.Signals(number).name


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    """Within the block both signals raise `Interrupted` where the program is."""
    sent: list[int] = []

    def leave(number: int, _: Any) -> None:
        sent.append(number)
        raise Interrupted(number)

    try:
        with _handled(leave):
            yield
    except Exception:
        # Raised where TensorFlow calls Python, it comes back as an error of TensorFlow's.
        if sent:
            raise Interrupted(sent[0]) from None
        raise


@contextlib.contextmanager
def save_on_signals() -> Iterator[None]:
    """Within the block both signals wait until `Checkpoints` has saved, after the step at work.

    It then raises `Interrupted`; the end of the block does where no checkpoint was written.  A
    second signal raises at once.
    """

    def note(number: int, _: Any) -> None:
        if _asked:
            raise Interrupted(number)
        _asked.append(number)

    try:
        with _handled(note):
            yield
        leave_if_asked()
    finally:
        _asked.clear()


def is_asked() -> bool:
    """Whether a signal waits."""
    return bool(_asked)


def leave_if_asked() -> None:
    """Raises `Interrupted` if a signal waits."""
    if _asked:
        raise Interrupted(_asked.pop())


@contextlib.contextmanager
def _handled(handler: Callable[[int, Any], None]) -> Iterator[None]:
    # Python lets the main thread alone say what a signal does.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
