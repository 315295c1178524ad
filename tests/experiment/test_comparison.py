import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib import image

from iin_tf import files
from iin_tf.experiment.comparison import load_runs, write_comparison
from iin_tf.experiment.workdir import Workdir

ROOT = Path(__file__).parents[2]


def run_at(path, mig, *, kind="autoencoder", extra=None, pictures=("leakage", "swap_digit")):
    """The files of a finished run that a comparison reads."""
    files.write_json(
        path / "evaluation/metrics.json",
        {
            "swap/digit/digit/donor": mig / 2,
            "disentanglement/mig": mig,
            "disentanglement/mig/low": mig - 0.1,
            "disentanglement/mig/high": mig + 0.1,
            **(extra or {}),
        },
    )
    files.write_json(
        path / "factor_sizes.json", {"used": {"factors": [["digit", 3]], "residual": 5}}
    )
    Workdir(path).mark("evaluate", {"seed": 0, "first_stage.kind": kind})
    for name in pictures:
        image.imsave(path / f"evaluation/{name}.png", np.zeros((2, 2, 3)))
    return path


@pytest.fixture
def runs(tmp_path):
    run_at(tmp_path / "one", 0.75)
    extra = {"response/digit": 2.5, "nll/test": -12.25, "response/digit/ignored": 1}
    run_at(tmp_path / "two", 0.5, kind="<b>", extra=extra, pictures=("leakage",))
    return load_runs([tmp_path / "one", tmp_path / "two"])


def test_the_table_has_a_row_for_each_metric_and_a_column_for_each_run(runs, tmp_path):
    write_comparison(runs, tmp_path / "out")
    lines = (tmp_path / "out/table.md").read_text().splitlines()
    assert lines[0] == "| metric | one | two |"
    assert "| swap/digit/digit/donor | 0.375 | 0.25 |" in lines
    assert "| disentanglement/mig | 0.75 (0.65 to 0.85) | 0.5 (0.4 to 0.6) |" in lines
    assert "| response/digit | - | 2.5 |" in lines
    assert "| nll/test | - | -12.25 |" in lines
    assert not any("/low" in line for line in lines)


def test_the_page_has_pictures_side_by_side_and_fetches_nothing(runs, tmp_path):
    write_comparison(runs, tmp_path / "out")
    page = (tmp_path / "out/compare.html").read_text()
    # Both heat maps, and the swap grid of the one run that has it.
    assert page.count("data:image/png;base64,") == 3
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert "0.65 to 0.85" in page
    assert "first_stage.kind" in page
    assert "<b>" not in page


def test_equal_names_are_told_apart(tmp_path):
    paths = [run_at(tmp_path / name / "run", 0.5) for name in ("here", "there")]
    assert [run.name for run in load_runs(paths)] == ["here/run", "there/run"]


def test_what_is_no_run_is_refused(tmp_path):
    one = run_at(tmp_path / "one", 0.5)
    with pytest.raises(ValueError, match="two different"):
        load_runs([one])
    with pytest.raises(ValueError, match="two different"):
        load_runs([one, tmp_path / "one"])
    with pytest.raises(ValueError, match="holds no evaluated run"):
        load_runs([one, tmp_path / "none"])
    assert not (tmp_path / "none").exists()


def test_the_program_writes_the_page_and_exits_2_for_a_wrong_path(runs, tmp_path):
    def compare(*arguments):
        return subprocess.run(
            [sys.executable, ROOT / "bin/iin_compare", *arguments, "--output=out"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    result = compare("one", "two")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "out/compare.html").is_file()
    assert "out/compare.html" in result.stdout
    result = compare("one", "three")
    assert result.returncode == 2
    assert (
        result.stderr == "error: 'three' holds no evaluated run; give the workdir of an iin_run\n"
    )
