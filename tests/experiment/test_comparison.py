import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib import image

from iin_tf import files
from iin_tf.checks import InputError
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


def test_the_table_has_a_row_for_each_result_and_a_column_for_each_run(runs, tmp_path):
    write_comparison(runs, tmp_path / "out")
    lines = (tmp_path / "out/table.md").read_text().splitlines()
    assert lines[0] == "| result | one | two | unit | better | key in metrics.json |"
    rows = {line.split(" | ")[-1].removesuffix(" |"): line for line in lines[2:]}
    assert rows["swap/digit/digit/donor"].startswith(
        "| digit exchanged: digit read as the donor's | 0.3750 | 0.2500 | fraction | higher |"
    )
    mig = rows["disentanglement/mig"]
    assert mig.startswith("| MIG | 0.7500 (0.6500 to 0.8500) | 0.5000 (0.4000 to 0.6000) |")
    assert rows["response/digit"].startswith("| Response to digit | - | 2.5000 |")
    assert rows["nll/test"].startswith("| Negative log-likelihood, test | - | -12.2500 |")
    assert len(rows) == 5


def test_runs_of_other_numbers_of_examples_are_warned_of(tmp_path):
    counts = {"one": {"examples/test": 360}, "two": {"examples/test": 90}, "three": {}}
    paths = {name: run_at(tmp_path / name, 0.5, extra=extra) for name, extra in counts.items()}
    (warning,) = write_comparison(load_runs([paths["one"], paths["two"]]), tmp_path / "out")
    assert "different numbers (Examples, test: one 360, two 90)." in warning
    assert warning in (tmp_path / "out/compare.html").read_text()
    (warning,) = write_comparison(load_runs([paths["one"], paths["three"]]), tmp_path / "out")
    assert "one 360, three -)" in warning
    again = run_at(tmp_path / "again", 0.5, extra=counts["one"])
    assert write_comparison(load_runs([paths["one"], again]), tmp_path / "out") == []


def test_runs_are_only_read(runs, tmp_path):
    def state():
        paths = [path for run in runs for path in (run.directory, *run.directory.rglob("*"))]
        return {path: path.stat().st_mtime_ns for path in paths}

    before = state()
    write_comparison(load_runs([run.directory for run in runs]), tmp_path / "out")
    assert state() == before


@pytest.mark.parametrize("output", ["file", "file/below"])
def test_a_file_cannot_be_the_output(runs, tmp_path, output):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match=r"file' is a file; give a directory"):
        write_comparison(runs, tmp_path / output)
    assert (tmp_path / "file").read_text() == "mine"


def test_the_page_has_pictures_side_by_side_and_fetches_nothing(runs, tmp_path):
    write_comparison(runs, tmp_path / "out")
    page = (tmp_path / "out/compare.html").read_text()
    # Both heat maps, and the swap grid of the one run that has it.
    assert page.count("data:image/png;base64,") == 3
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert "0.6500 to 0.8500" in page
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
    def compare(*arguments, output="out"):
        return subprocess.run(
            [sys.executable, ROOT / "bin/iin_compare", *arguments, f"--output={output}"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    result = compare("one", "two")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "out/compare.html").is_file()
    assert "out/compare.html" in result.stdout
    (tmp_path / "file").write_text("mine")
    result = compare("one", "two", output="file")
    assert result.returncode == 2
    assert result.stderr == "error: output is 'file', but 'file' is a file; give a directory\n"
    result = compare("one", "three")
    assert result.returncode == 2
    assert (
        result.stderr == "error: 'three' holds no evaluated run; give the workdir of an iin_run\n"
    )
