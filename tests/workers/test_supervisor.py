"""A supervised command is started again while it is killed, and no more often than asked."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Each start adds a letter to a file, and ends as the next of the arguments says.
COMMAND = """
import os, signal, sys, time
from iin_tf import interruption
from iin_tf.workers.supervisor import is_supervised, supervise

if not is_supervised():
    with interruption.at_once():
        sys.exit(supervise(int(sys.argv[1])))
with open(sys.argv[2], "a") as file:
    file.write("s")
    start = file.tell()
how = sys.argv[2 + start]
if how == "wait":
    print("waits", flush=True)
    with interruption.at_once():
        time.sleep(600)
if how.startswith("signal"):
    os.kill(os.getpid(), int(how[6:]))
sys.exit(int(how))
"""


def start(folder, *arguments, **more):
    (folder / "command.py").write_text(COMMAND)
    command = [sys.executable, folder / "command.py", *map(str, arguments)]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, **more)


@pytest.mark.parametrize(
    ("most", "ends", "code", "starts"),
    [
        # Killed, stopped after saving, another worker lost; then done.
        (5, ("signal9", 143, 75, 0), 0, 4),
        (1, ("signal9", "signal9"), 137, 2),
        # A failure and a wrong input are not to be tried again.
        (5, (1,), 1, 1),
        (5, (75, 2), 2, 2),
    ],
)
def test_it_is_started_again_as_its_end_asks(tmp_path, monkeypatch, most, ends, code, starts):
    process = start(tmp_path, most, tmp_path / "starts", *ends)
    assert process.wait(60) == code
    assert (tmp_path / "starts").read_text() == "s" * starts


def test_a_signal_is_passed_on_and_ends_both(tmp_path):
    process = start(tmp_path, 5, tmp_path / "starts", "wait", stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"waits\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    assert (tmp_path / "starts").read_text() == "s"
