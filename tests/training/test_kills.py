"""Stages that are killed end as those that nothing disturbed (slow; see `kills.py` beside)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="every run is a fork")
def test_stages_that_are_killed_end_bit_equal_and_leave_nothing():
    # IIN_KILLS=1000 python -m pytest -m slow tests/training/test_kills.py
    kills = int(os.environ.get("IIN_KILLS", "20"))
    command = [sys.executable, HERE / "kills.py", f"--kills={kills}"]
    more = [f"--terms={kills // 4}", f"--minutes={kills}"]
    result = subprocess.run(
        [*command, *more],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{HERE.parents[1]}{os.pathsep}{HERE}"},
    )
    assert result.returncode == 0, result.stdout + result.stderr[-2000:]
