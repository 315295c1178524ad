"""iin_serve as a user runs it: a process."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.serving import Client
from iin_tf.serving.server import program

PROGRAM = Path(__file__).parents[2] / "bin" / "iin_serve"


def started(*flags):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
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
