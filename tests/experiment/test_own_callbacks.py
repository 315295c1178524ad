"""A user's own callbacks watch the training of an experiment."""

import contextlib
import importlib.util
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from iin_tf.checks import InputError
from iin_tf.experiment import jobs, load_config, run_stages
from iin_tf.experiment.own_code import own_callbacks

ROOT = Path(__file__).parents[2]
# Stored vectors: nothing else of this config is the user's own code.
CONFIG = """
from iin_tf.experiment import default_config


def get_config():
    config = default_config()
    config.data.source, config.first_stage.kind = "latents", "none"
    config.data.path, config.data.labels = {vectors!r}, {labels!r}
    config.data.factors = ("speaker", "style")
    config.sizes.compare = False
    config.sizes.fixed = (3, 2)
    config.network.blocks, config.network.hidden = 1, 8
    config.training.steps, config.training.steps_per_epoch = 4, 2
    config.training.batch_size = 32
    return config


"""
WATCH = """
import json
import keras


class Watch(keras.callbacks.Callback):
    def __init__(self, path):
        super().__init__()
        self.path, self.seen = path, []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(logs)
        with open(self.path, "w") as file:
            json.dump([self.model.layout.names, self.seen], file)


def get_callbacks(config):
    return [Watch(config.code + ".json")]
"""
MLFLOW = """
import mlflow
import mlflow.tensorflow


def get_callbacks(config):
    mlflow.set_tracking_uri({uri!r})
    mlflow.start_run(run_name="own")
    return [Watch(config.code + ".json"), mlflow.tensorflow.MlflowCallback()]
"""


def config_file(folder, vectors, text):
    given = {"vectors": str(vectors / "z.npy"), "labels": str(vectors / "l.csv")}
    path = folder / "own.py"
    path.write_text(CONFIG.format(**given) + text)
    return path


def loaded(path):
    config = load_config(str(path))
    config.code = str(path)
    return config


def test_callbacks_of_the_config_file_see_the_network_and_the_logs(tmp_path, two_factors):
    config = loaded(config_file(tmp_path, two_factors, WATCH))
    run_stages(config, tmp_path / "run", ["encode", "sizes", "train"])
    names, seen = json.loads((tmp_path / "own.py.json").read_text())
    assert names == ["residual", "speaker", "style"]
    assert len(seen) == 2  # 4 steps, 2 in an epoch
    # What the report's curve is drawn from, and the terms of each kind of pairs.
    assert {"loss", "val_loss", "val_nll/speaker", "val_nll/style"} <= set(seen[0])


@pytest.mark.parametrize("text", [WATCH, ""])
def test_a_program_looks_for_callbacks_where_nothing_else_is_own(
    text, tmp_path, two_factors, monkeypatch
):
    path = str(config_file(tmp_path, two_factors, text))
    monkeypatch.setattr(jobs.flags, "FLAGS", {"config": None})
    monkeypatch.setattr(jobs.config_flags, "get_config_filename", lambda flag: path)
    monkeypatch.setattr(jobs.config_flags, "get_override_values", lambda flag: {})
    assert jobs.given_config(load_config(path)).code == (path if text else "")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return [print]", r"get_callbacks of .*own.py is to return a list .* returned \["),
        ("return None", "and returned None"),
        ("raise OSError('no server')", r"raises OSError: no server \(own.py:\d+ in get_callbacks"),
    ],
)
def test_what_is_no_list_of_callbacks_is_refused(body, message, tmp_path, two_factors):
    text = f"def get_callbacks(config):\n    {body}\n"
    with pytest.raises(InputError, match=message):
        own_callbacks(loaded(config_file(tmp_path, two_factors, text)))


def test_without_the_function_there_are_none(tmp_path, two_factors):
    config = loaded(config_file(tmp_path, two_factors, ""))
    assert own_callbacks(config) == []
    config.code = ""
    assert own_callbacks(config) == []


@pytest.mark.slow
def test_mlflow_writes_what_the_training_logs_to_a_local_folder(tmp_path, two_factors):
    if importlib.util.find_spec("mlflow") is None:
        pytest.skip("mlflow is not installed")
    uri = f"sqlite:///{tmp_path}/tracking.db"
    path = config_file(tmp_path, two_factors, WATCH + MLFLOW.format(uri=uri))
    result = subprocess.run(
        [sys.executable, ROOT / "bin/iin_run", f"--config={path}", "--workdir=run"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert result.returncode == 0, result.stderr[-2000:]
    with contextlib.closing(sqlite3.connect(tmp_path / "tracking.db")) as tracked:
        written = tracked.execute("SELECT key, step, value FROM metrics").fetchall()
    _, seen = json.loads((tmp_path / "own.py.json").read_text())
    expected = {(key, step): value for step, logs in enumerate(seen) for key, value in logs.items()}
    assert {"loss", "val_loss", "val_nll/speaker"} <= {key for key, _ in expected}
    found = {(key, step): value for key, step, value in written if (key, step) in expected}
    assert found == pytest.approx(expected)
