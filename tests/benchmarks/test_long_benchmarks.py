"""The benchmarks that take hours, in their smallest form (slow)."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def run(directory, name, *flags, codes=(0,)):
    result = subprocess.run(
        [sys.executable, BENCHMARKS / f"{name}.py", *flags],
        capture_output=True,
        text=True,
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(BENCHMARKS.parent)},
        check=False,
    )
    assert result.returncode in codes, result.stderr[-2000:]
    return result.stdout


def cells(text):
    """The rows of a Markdown table, below its header."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return rows[2:]


@pytest.mark.slow
def test_many_examples_has_a_row_for_each_number(tmp_path):
    flags = ("--examples=2000", "--examples=4000", "--latents=8", "--steps=5", "--pairs=16")
    found = cells(run(tmp_path, "many_examples", *flags, f"--output={tmp_path}"))
    assert [row[0] for row in found] == ["2,000", "4,000"]
    # Microseconds an example, milliseconds a step; a sampler of so few takes 0.00 s.
    assert all(float(re.match(r"[\d.]+", found[0][place])[0]) > 0 for place in (1, 5))
    # The store is gone.
    assert [path.name for path in tmp_path.iterdir()] == ["many_examples.md"]


@pytest.mark.slow
def test_equal_threads_are_equal_to_the_bit(tmp_path):
    found = cells(run(tmp_path, "threads", "--steps=2"))
    for kind, (equal, other) in zip(
        ("network", "autoencoder"), (found[:2], found[2:]), strict=True
    ):
        assert equal == [kind, "1 and 1", "2", "bit-equal", "bit-equal"]
        assert other[:2] == [kind, "1 and 2"]


@pytest.mark.slow
def test_a_checkpoint_holds_weights_and_two_moments(tmp_path):
    flags = ("--latents=8", "--blocks=2", "--hidden=64", "--pairs=8", "--steps=2")
    found = dict(cells(run(tmp_path, "unit_costs", *flags)))
    weights = int(found["weights"].replace(",", ""))
    # 4 bytes, three times; gigabytes with two digits.
    assert abs(float(found["checkpoint"].split()[0]) - 12 * weights / 1e9) < 0.006


@pytest.mark.slow
def test_a_soak_has_samples_of_both_parts(tmp_path):
    # So short a one is not warm, and may be said to grow.
    text = run(tmp_path, "soak", "--minutes=0.2", f"--output={tmp_path}", codes=(0, 1))
    assert [row[0] for row in cells(text)] == ["training", "serving"]
    with open(tmp_path / "soak.csv") as file:
        rows = list(csv.DictReader(file))
    assert {row["part"] for row in rows} == {"training", "serving"}
    assert all(int(row["bytes"]) > 10**7 for row in rows)
    for part in ("training", "serving"):
        done = [int(row["done"]) for row in rows if row["part"] == part]
        assert done == sorted(done)
    # What stands there can be read alone, while it goes on too.
    assert run(tmp_path, "soak", "--read", f"--output={tmp_path}", codes=(0, 1)) == text
    assert (tmp_path / "soak.png").stat().st_size > 1000
