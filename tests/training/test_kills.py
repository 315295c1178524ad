"""Runs that are killed end as those that nothing disturbed (slow; see `kills/` beside)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = Path(__file__).parent / "kills"


def kills(*arguments):
    result = subprocess.run(
        [sys.executable, KILLS, *arguments], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr[-2000:]
    return result.stdout


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="every run is a fork")
def test_stages_that_are_killed_end_bit_equal_and_leave_nothing():
    # IIN_KILLS=1000 python -m pytest -m slow tests/training/test_kills.py
    count = int(os.environ.get("IIN_KILLS", "20"))
    said = kills("stages", f"--kills={count}", f"--terms={count // 10}", f"--minutes={count}")
    assert "| all |" in said


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="every run is a fork")
def test_a_plain_fit_with_checkpoints_loses_nothing():
    said = kills("fit", "--kills=4")
    assert "| Checkpoints | with Dropout | killed |" in said
