"""Training beside PyTorch from a finished run, end to end, for a few steps."""

import subprocess
import sys
from pathlib import Path

import pytest

from iin_tf.experiment.workdir import Workdir

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, str(ROOT / "benchmarks" / "quickstart.py")]


def test_a_missing_run_is_named(tmp_path):
    result = subprocess.run(
        [*COMMAND, f"--workdir={tmp_path}"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "holds no finished quickstart" in result.stderr


def test_steps_that_end_within_a_turn_are_refused(tmp_path):
    result = subprocess.run(
        [*COMMAND, f"--workdir={tmp_path}", "--steps=100"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert "--steps=100 is no multiple of --turn=125" in result.stderr


def test_a_run_that_names_files_is_read(tmp_path):
    from quickstart_measures import experiment_of

    about_files = {"data.labels": "", "data.labels (contents)": "sha256:0"}
    Workdir(tmp_path).mark("train", {**about_files, "training.steps": 7, "data.factors": ["digit"]})
    config = experiment_of(tmp_path).config
    assert (config.training.steps, config.data.factors) == (7, ("digit",))


@pytest.mark.slow
def test_table_of_a_short_training(tmp_path):
    pytest.importorskip("torch", reason="the peer of this benchmark: pip install -e '.[bench]'")
    workdir = tmp_path / "run"
    run = [sys.executable, str(ROOT / "bin" / "iin_run"), f"--config={ROOT}/configs/smoke.py"]
    export = f"--config.export.directory={tmp_path}/saved"
    subprocess.run([*run, f"--workdir={workdir}", export], check=True)
    short = [f"--workdir={workdir}", f"--output={tmp_path}", "--steps=4", "--turn=2"]
    subprocess.run([*COMMAND, *short], check=True)
    table = (tmp_path / "quickstart.md").read_text().splitlines()
    assert [line.split(" | ")[0] for line in table[2:]] == [
        "| iin_tf",
        "| iin_tf_bfloat16",
        "| torch",
        "| torch_fused",
    ]
