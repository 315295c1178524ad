"""The parent's end of a measuring process."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


class Worker:
    """A process of its own, so that neither memory nor threads of two contenders mix.

    Args:
      make: "module:class" of what it measures with.
      arguments: of that class, plain values.

    Attributes:
      process: its `subprocess.Popen`.
    """

    def __init__(self, make, **arguments):
        self.make = make
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("worker.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ},
            text=True,
        )
        self._send({"make": make, "arguments": arguments})
        self._ready = False

    def wait(self):
        """Waits until the subject is made; several workers start side by side."""
        if not self._ready:
            self._answer()
            self._ready = True

    def call(self, name, **arguments):
        """The value of one method call.

        Raises:
          RuntimeError: the method raised, or the process died; what it printed is shown.
        """
        self.wait()
        self._send({"call": name, "arguments": arguments})
        return self._answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self._log.close()

    def _send(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def _answer(self):
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the process ended"}
        if "error" in answer:
            self._log.seek(0)
            printed = self._log.read()[-2000:]
            raise RuntimeError(f"{self.make}: {answer['error']}\n{printed}")
        return answer["value"]


@contextlib.contextmanager
def opened(workers):
    """Closes the workers, mapping name -> Worker, at the end; all are ready at the start."""
    try:
        for worker in workers.values():
            worker.wait()
        yield workers
    finally:
        for worker in workers.values():
            worker.close()
