"""iin_serve as a user runs it: a process."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import numpy as np
import pytest
import toy_model

from iin_tf.checks import InputError
from iin_tf.serving import Client
from iin_tf.serving.server import program

PROGRAM = Path(__file__).parents[2] / "bin" / "iin_serve"


def started(*flags, stderr=subprocess.PIPE):
    pipes = {"stdout": subprocess.PIPE, "stderr": stderr, "text": True}
    return subprocess.Popen([sys.executable, PROGRAM, *flags], **pipes)


@pytest.mark.parametrize(
    "sign", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_it_serves_and_stops_cleanly(version, network, latents, sign):
    with started(f"tiny={version.parent}", "--port=0", "--label=stable=1") as process:
        url = process.stdout.readline().removeprefix("[iin] ").strip()
        assert url.endswith("/v1/models/tiny")
        assert "in production use TensorFlow Serving" in process.stdout.readline()
        with Client(f"{url}/labels/stable") as client:
            expected = network.transform(latents)
            # float32 in batches of one process and of another.
            np.testing.assert_allclose(client.transform(latents), expected, rtol=1e-5, atol=2e-5)
            process.send_signal(sign)
            assert process.wait(timeout=60) == 0
        assert process.stdout.read() == "[iin] stopped\n"
        assert "Traceback" not in process.stderr.read()


@pytest.mark.slow
def test_it_stops_whoever_holds_it(tmp_path):
    toy_model.write_versions(tmp_path, 1)
    with started(f"toy={tmp_path}", "--port=0", "--seconds=600") as process:
        port = int(process.stdout.readline().partition("127.0.0.1:")[2].partition("/")[0])
        body = json.dumps({"signature_name": "count", "inputs": 10**15}).encode()
        head = b"POST /v1/models/toy:predict HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
        whole = head % len(body) + body
        with contextlib.ExitStack() as stack:
            # Nothing, half a head, half a body, and one that computes for weeks.
            for said in (b"", whole[:30], whole[:-3], whole):
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                connection.sendall(said)
            kept = stack.enter_context(httpx2.Client(base_url=f"http://127.0.0.1:{port}"))
            assert kept.get("/v1/models/toy").status_code == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0
            connection.settimeout(20)
            assert b"the server is stopping" in connection.recv(2**16)
        assert process.stdout.read().endswith("[iin] stopped\n")
        assert "Traceback" not in process.stderr.read()


@pytest.mark.slow
def test_it_takes_up_versions_where_nobody_reads_its_warnings(tmp_path):
    toy_model.write_versions(tmp_path, 1)
    read, write = os.pipe()
    with started(f"toy={tmp_path}", "--port=0", "--poll=0.1", stderr=write) as process:
        os.close(write)
        url = process.stdout.readline().removeprefix("[iin] ").strip()
        os.close(read)
        # One that cannot be read is told of, to nobody.
        (tmp_path / "2").mkdir()
        (tmp_path / "2" / "saved_model.pb").write_bytes(b"no model")
        states = [state_of(f"{url}/versions/2", "END")]
        toy_model.write_versions(tmp_path, 3)
        states.append(state_of(f"{url}/versions/3", "AVAILABLE"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert states == ["END", "AVAILABLE"]


def state_of(url, expected):
    """Of a version: waited for, a minute at most."""
    for _ in range(600):
        answer = httpx2.get(url).json()
        found = answer.get("model_version_status", [{"state": "unseen"}])[0]["state"]
        if found == expected:
            break
        time.sleep(0.1)
    return found


def test_an_empty_directory_is_one_line(tmp_path):
    with started(str(tmp_path)) as process:
        assert process.wait(timeout=60) == 2
        (line,) = [line for line in process.stderr if line.startswith("error:")]
    assert "holds no version that can be read (it has no numbered folders)" in line


@pytest.mark.parametrize(
    ("given", "models"),
    [
        (["saved_models/a/"], {"a": "saved_models/a/"}),
        (["b=saved_models/a", "c"], {"b": "saved_models/a", "c": "c"}),
        (["runs/lr=1/a", "d=runs/lr=2/a"], {"a": "runs/lr=1/a", "d": "runs/lr=2/a"}),
    ],
)
def test_a_model_has_the_name_of_its_folder_or_one_of_its_own(given, models):
    assert program._models(given) == models


def test_labels_are_of_the_one_model_or_of_the_named_one():
    assert program._labels(["stable=3"], {"a": "a"}) == {"a": {"stable": 3}}
    assert program._labels(["b/x=1"], {"a": "a", "b": "b"}) == {"b": {"x": 1}}
    for label in ("stable", "x=1", "a/x=one"):
        with pytest.raises(InputError, match=f"label is '{label}'"):
            program._labels([label], {"a": "a", "b": "b"})


def test_two_models_of_one_name_are_refused():
    with pytest.raises(InputError, match="two models are called 'a'"):
        program._models(["x/a", "y/a"])
    with pytest.raises(InputError, match="no model is given"):
        program._models([])
