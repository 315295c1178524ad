"""Runs that are forks of a process which has imported everything and started nothing."""

import contextlib
import os
import signal
import sys
import time
import traceback
from pathlib import Path

from operations import counted, counted_opening

from iin_tf import interruption
from iin_tf.checks import InputError
from iin_tf.experiment.disk_faults import disk_fault

_SIGNALS = {"random": signal.SIGKILL, "term": signal.SIGTERM}


class Child:
    """A fork that does `work` in `directory`, killed as `how` says.

    Args:
      work: function without arguments.
      directory: Path.
      how: ("none", 0), ("operation", number), ("random", seconds) or ("term", seconds).
      log: Path of what it says; `directory / "log"` by default.

    Attributes:
      code: the exit code, as programs give it; -9 of a killed one.
      operations: on files, where it was not killed.
      seconds: it took.
    """

    def __init__(self, work, directory, how=("none", 0), log=None):
        started = time.monotonic()
        log = log or directory / "log"
        counts = log.with_name("operations")
        process = os.fork()
        if process == 0:
            _run(work, directory, how, counts, log)
        self.code = os.waitstatus_to_exitcode(_wait(process, *how))
        self.seconds = time.monotonic() - started
        self.operations = int(counts.read_text()) if counts.exists() else 0
        counts.unlink(missing_ok=True)


def _wait(process, how, after):
    """The status of a process, which gets its signal on the way."""
    end = time.monotonic() + after if how in _SIGNALS else float("inf")
    while True:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return status
        if time.monotonic() > end:
            os.kill(process, _SIGNALS[how])
            end = float("inf")
        time.sleep(0.002)


def _run(work, directory, how, counts, log):
    code = 1
    try:
        os.chdir(directory)
        said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(said, 1)
        os.dup2(said, 2)
        count, kill_at = [0], how[1] if how[0] == "operation" else 0
        counted(kill_at, "before", count)
        counted_opening(kill_at, count)
        with interruption.at_once():
            work()
        code = 0
        Path(counts).write_text(str(count[0]))
    except interruption.Interrupted as error:
        code = error.code
    except BaseException as error:
        # As the programs leave.
        wrong = error if isinstance(error, InputError) else disk_fault(error)
        code = 2 if wrong else 1
        traceback.print_exc()
        print(f"error: {wrong}", flush=True)
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        os._exit(code)
