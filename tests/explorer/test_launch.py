"""Ports and the program: what is wrong is said before anything is loaded."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from iin_tf.checks import InputError
from iin_tf.explorer import launch

ROOT = Path(__file__).parents[2]


@pytest.fixture
def taken():
    """A port that somebody listens on."""
    with socket.socket() as server:
        server.bind((launch.LOOPBACK, 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_in_use_offers_the_next_free_one(taken):
    with pytest.raises(InputError, match=rf"port is {taken}, which is in use") as caught:
        launch.check_port(taken)
    offered = int(str(caught.value).rpartition("=")[2])
    assert offered > taken
    launch.check_port(offered)


@pytest.mark.parametrize("port", [0, 65536, -1])
def test_a_port_out_of_range_is_refused(port):
    with pytest.raises(InputError, match=f"port is {port}"):
        launch.check_port(port)


def test_a_missing_toolkit_says_what_brings_it(monkeypatch):
    monkeypatch.setattr(launch.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'iin_tf\[explore\]'"):
        launch.check_toolkit()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "give one of --workdir"),
        (["--workdir=x", "--url=http://x/v1/models/y"], "give one of --workdir"),
        (["--workdir=x", "more"], "'more' is not a flag"),
        (["--workdir=x", "--resize=cut"], "resize"),
    ],
)
def test_the_program_leaves_with_one_line_and_exit_code_2(flags, message):
    result = subprocess.run(
        [sys.executable, str(ROOT / "bin" / "iin_explore"), *flags],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert message in result.stderr
