"""The comparison by labelled images, end to end on a tiny experiment, and its table."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from iin_tf import files
from iin_tf.results import Results

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, str(ROOT / "benchmarks/few_labels.py")]


def run(*flags):
    return subprocess.run([*COMMAND, *flags], capture_output=True, text=True, cwd=ROOT)


def results():
    path = ROOT / "benchmarks/few_labels_results.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def metrics(digit, color):
    zero = dict.fromkeys(("swap/digit/color/recipient_error", "swap/color/digit/recipient"), 0.0)
    judge = {"judge/digit/reconstruction": 0.99, "judge/color/reconstruction_error": 0.03}
    figures = {"swap/digit/digit/donor": digit, "swap/color/color/donor_error": color}
    flat = {**zero, **judge, **figures, "nll/test": 60.0, "steps": 300}
    return Results.from_metrics(flat)


def test_the_table_has_mean_and_range_of_the_seeds(tmp_path):
    found = {
        ("all", 0.0): [metrics(0.9, 0.05), metrics(0.95, 0.07)],
        ("3", 0.5): [metrics(0.5, 0.1), metrics(0.5, 0.1)],
    }
    lines = results().as_table(found).splitlines()
    assert "| all | 0.0000 | 0.925 (0.900 to 0.950) |" in lines[2]
    assert "0.060 (0.050 to 0.070)" in lines[2]
    assert "| 3 | 0.5000 | 0.500 (0.500 to 0.500) |" in lines[3]


@pytest.mark.parametrize("flag", ["--images=some", "more"])
def test_wrong_input_is_one_line(flag, tmp_path):
    result = run("--config=configs/smoke.py", f"--workdir={tmp_path}", flag)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("error: ")


@pytest.mark.slow
def test_runs_share_one_first_stage_and_resume(tmp_path):
    flags = ("--config=configs/smoke.py", f"--workdir={tmp_path}", "--images=all,14", "--seeds=1")
    result = run(*flags)
    assert result.returncode == 0, result.stderr[-2000:]
    directory = tmp_path / "few_labels"
    names = ["14-0.0-0", "14-0.5-0", "all-0.0-0", "all-0.5-0"]
    assert sorted(path.parent.name for path in directory.glob("*/metrics.json")) == names
    assert (directory / "few_labels.png").is_file()
    table = (directory / "few_labels.md").read_text()
    # One run lost: the others stay as they are, and the same run gives the same figures.
    before = files.read_json(directory / "14-0.5-0/metrics.json")
    (directory / "14-0.5-0/metrics.json").unlink()
    result = run(*flags)
    assert result.returncode == 0, result.stderr[-2000:]
    assert result.stdout.count("begins") == 1
    assert files.read_json(directory / "14-0.5-0/metrics.json") == pytest.approx(before, abs=1e-5)
    assert (directory / "few_labels.md").read_text() == table
    changed = run(*flags, "--config.network.hidden=8")
    assert changed.returncode == 1
    assert "another config" in changed.stderr
