"""The programs as a user runs them: processes, exit codes, one line of error."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted(path.name for path in (ROOT / "bin").glob("iin_*"))


def run(program, *flags):
    return subprocess.run(
        [sys.executable, str(ROOT / "bin" / program), *flags],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_says_what_it_does_and_loads_no_tensorflow(program):
    result = subprocess.run(
        [sys.executable, "-X", "importtime", str(ROOT / "bin" / program), "--help"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "iin" in result.stdout
    assert ("--output" if program == "iin_compare" else "--config") in result.stdout
    # What makes --help slow is TensorFlow; a timed test would be noise.
    assert "tensorflow" not in result.stderr


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "config"),
        (["--config=configs/none.py", "--workdir=x"], "none.py"),
        (["--config=configs/smoke.py", "--workdir=x", "--config.network.bloks=2"], "bloks"),
        (["--config=configs/smoke.py", "--workdir=x", "--strategy=many"], "strategy"),
        (["--config=configs/smoke.py", "--workdir=x", "more"], "more"),
        (["--config=configs/smoke.py", "--workdir=setup.py/x"], "cannot be made"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(flags, message):
    result = run("iin_run", *flags)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ")
    assert len(result.stderr.splitlines()) == 1
    assert message in result.stderr


def test_a_single_stage_asks_for_what_stands_before_it(tmp_path):
    result = run("iin_train", "--config=configs/smoke.py", f"--workdir={tmp_path}")
    assert result.returncode == 2
    assert "stage 'pretrain' is not done" in result.stderr
