"""A command that is started again when it was killed, or when another worker was."""

import os
import subprocess
import sys
import time

from iin_tf import interruption

# Exit code of a worker whose training another one's end has stopped: sysexits' EX_TEMPFAIL.
WORKER_LOST = 75
_AGAIN = (WORKER_LOST, 130, 143)
# In the environment of what is supervised.
_MARK = "IIN_TF_SUPERVISED"
_PAUSE = 1.0


class WorkerLost(Exception):
    """A training has ended because another of its workers is gone."""


def is_supervised() -> bool:
    """Whether this process is one that a supervisor has started."""
    return _MARK in os.environ


def supervise(most: int) -> int:
    """Runs this program's command line in a process of its own, and again while that is killed.

    A signal to this process is passed on, and ends it too.

    Args:
      most: how often at most it is started again.

    Returns:
      The exit code of the last.
    """
    for restart in range(most + 1):
        code = _run()
        if code >= 0 and code not in _AGAIN:
            break
        said = f"was killed by signal {-code}" if code < 0 else f"left with {code}"
        if restart < most:
            print(f"[iin] the process {said}; start {restart + 1} of {most} anew", flush=True)
            time.sleep(_PAUSE)
    return code if code >= 0 else 128 - code


def _run():
    # In a session of its own: what the terminal sends reaches it once, by way of us.
    child = subprocess.Popen(
        [sys.executable, *sys.argv], env={**os.environ, _MARK: "1"}, start_new_session=True
    )
    try:
        return child.wait()
    except interruption.Interrupted as error:
        child.send_signal(error.number)
        child.wait()
        raise
