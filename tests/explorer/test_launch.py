"""Ports and the program: what is wrong is said before anything is loaded."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from iin_tf.checks import InputError
from iin_tf.explorer import launch

ROOT = Path(__file__).parents[2]
# The program with a page on which nothing stands.
BLANK = """
import sys
import types
import gradio
from iin_tf.experiment.program import start_program
from iin_tf.explorer import launch
def build_page(explorer):
    with gradio.Blocks() as page:
        return page
sys.modules["iin_tf.explorer.page"] = types.SimpleNamespace(build_page=build_page)
start_program("Example", lambda argv: launch.launch(None, int(argv[1])))
"""


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


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_page_ends_as_it_was_told_to_and_notes_no_requests(number):
    pytest.importorskip("gradio")
    # A proxy that is not there has nothing to do with it.
    environment = {name: one for name, one in os.environ.items() if "proxy" not in name.lower()}
    environment |= {"PYTHONPATH": str(ROOT), "HTTP_PROXY": "http://127.0.0.1:9"}
    with socket.socket() as free:
        free.bind((launch.LOOPBACK, 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-c", BLANK, str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout.readline().endswith("- Ctrl+C ends it\n")
        process.send_signal(number)
        assert process.wait(timeout=60) == 0
        assert process.stdout.read() == "[iin] stopped\n"
        told = process.stderr.read()
    assert "error" not in told
    assert "HTTP Request" not in told
