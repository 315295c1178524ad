"""The sprites' config made tiny, as a user runs it: continuous factors through every stage."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FACTORS = ("orientation", "shape", "scale", "x", "y", "color")
TINY = {
    "data.examples": 300,
    "data.test_examples": 60,
    "data.validation": 0.2,
    "first_stage.steps": 4,
    "sizes.pairs": 500,
    "network.blocks": 2,
    "network.hidden": 16,
    "training.steps": 4,
    "training.steps_per_epoch": 2,
    "training.validation_batches": 1,
    "training.pictures_every": 2,
    "evaluation.judge_steps": 4,
    "evaluation.pairs": 1000,
    "evaluation.grid": 3,
    "evaluation.resamples": 20,
    "evaluation.response_examples": 10,
    "evaluation.response_draws": 4,
}


@pytest.mark.slow
def test_continuous_factors_go_through_every_stage(tmp_path):
    result = subprocess.run(
        [
            sys.executable,
            ROOT / "bin/iin_run",
            f"--config={ROOT / 'configs' / 'sprites.py'}",
            "--workdir=run",
            *(f"--config.{key}={value}" for key, value in TINY.items()),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert "val_nll/orientation" in result.stdout
    metrics = json.loads((tmp_path / "run/evaluation/metrics.json").read_text())
    for block in ("residual", *FACTORS):
        for factor in set(FACTORS) - {"shape"}:
            name = f"readout/{block}/{factor}/r2"
            assert metrics[f"{name}/low"] <= metrics[name] <= metrics[f"{name}/high"] <= 1
        assert f"swap/{block}/orientation/donor_error" in metrics
        assert f"swap/{block}/shape/donor" in metrics
    # Two views share everything but the orientation.
    for kind in (*FACTORS, "residual+shape+scale+x+y+color"):
        assert f"pair_nll/test/{kind}" in metrics
    assert metrics["length_scale/orientation/given"] > 0
    assert "correlation/shape" in metrics
    assert "correlation/orientation" not in metrics
