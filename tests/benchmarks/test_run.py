"""The command, end to end at a tiny size, with the contenders that need nothing more."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "benchmarks" / "run.py"
PEERS = ("torch", "torch_published", "torch_fused", "FrEIA", "normflows", "zuko")
TINY = ["--latents=8", "--blocks=1", "--hidden=16", "--pairs=4", "--batch=16"]
SHORT = ["--rounds=1", "--steps=1", "--first_rounds=1"]


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(RUN), *arguments], capture_output=True, text=True, check=False
    )


def test_missing_peer_says_what_brings_it(tmp_path, monkeypatch, capsys):
    import contenders

    monkeypatch.setattr(contenders.importlib.util, "find_spec", lambda name: None)
    assert contenders.missing_packages(["iin_tf", "FrEIA", "zuko"]) == ["torch", "FrEIA", "zuko"]
    assert contenders.missing_packages(["iin_tf"]) == []


@pytest.mark.slow
def test_table_csv_and_plot(tmp_path):
    rows = [f"--rows={row}" for row in ("step", "likelihood", "end")]
    without = [f"--without={name}" for name in (*PEERS, "iin_tf_1_thread", "iin_tf_bfloat16")]
    result = run(*TINY, *SHORT, *rows, *without, f"--output={tmp_path}")
    assert result.returncode == 0, result.stderr[-2000:]
    cells = list(csv.DictReader((tmp_path / "results.csv").open()))
    ours, likelihood = ["iin_tf", "iin_tf_bfloat16_1_thread"], ["log_prob", "distribution"]
    assert [cell["contender"] for cell in cells] == [*ours, *likelihood, *likelihood, *ours]
    assert all(cell["floor"] for cell in cells[:2])
    assert all(float(cell["median"]) > 0 for cell in cells)
    assert (tmp_path / "results.png").exists()
