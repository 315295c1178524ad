import csv
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
from iin_tf.experiment.compared_runs import load_runs
from iin_tf.experiment.comparison import write_comparison
from iin_tf.experiment.workdir import Workdir

ROOT = Path(__file__).parents[2]


def run_at(
    path, mig, *, kind="autoencoder", extra=None, pictures=("leakage", "swap_digit"), seed=0
):
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
    Workdir(path).mark("evaluate", {"training.seed": seed, "first_stage.kind": kind})
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
    assert mig.startswith("| MIG | 0.7500 (0.6500 to 0.8500) | 0.5000 (0.4000 to 0.6000) \\* |")
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
    # Both heat maps, the swap grid of the one run that has it, and a figure for each unit.
    figures = len(list((tmp_path / "out/figures").glob("*.png")))
    assert figures == 5
    assert page.count("data:image/png;base64,") == 3 + figures
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert "0.6500 to 0.8500" in page
    assert "first_stage.kind" in page
    assert "<b>" not in page


@pytest.fixture
def seeds(tmp_path):
    """A run on three seeds, and one on a single seed whose figures are far below."""
    for seed, mig in enumerate((0.5, 0.6, 0.7)):
        run_at(tmp_path / f"three/seed_{seed}", mig, seed=seed, extra={"nll/test": 2.0 * seed})
    run_at(tmp_path / "low", 0.1)
    run_at(tmp_path / "near", 0.55)
    return [tmp_path / name for name in ("three", "low", "near")]


def rows_of(path):
    with open(path, newline="") as file:
        return {(row["key"], row["run"]): row for row in csv.DictReader(file)}


def test_seeds_have_a_mean_a_spread_and_an_interval(seeds, tmp_path):
    write_comparison(load_runs(seeds), tmp_path / "out", table="csv")
    rows = rows_of(tmp_path / "out/table.csv")
    mig = rows["disentanglement/mig", "three"]
    assert mig["seeds"] == "3"
    assert float(mig["value"]) == pytest.approx(0.6)
    assert float(mig["spread"]) == pytest.approx(0.1)
    # By hand: Student's t of two degrees of freedom, and 0.1 on each side in every run.
    half = np.hypot(4.302652729911275 * 0.1 / np.sqrt(3), 0.1)
    assert float(mig["low"]) == pytest.approx(0.6 - half)
    assert float(mig["high"]) == pytest.approx(0.6 + half)
    assert rows["disentanglement/mig", "low"]["spread"] == ""
    assert ("nll/test", "low") not in rows


def test_an_interval_over_seeds_ends_at_the_values_that_there_can_be(tmp_path):
    for seed, mig in enumerate((0.8, 1.0)):
        run_at(tmp_path / f"two/seed_{seed}", mig, seed=seed)
    (run,) = load_runs([tmp_path / "two"])
    # By Student's t alone 0.9 +- 1.27.
    assert run.summaries["disentanglement/mig"].interval == (0, 1)


def test_what_does_not_overlap_the_first_run_is_marked(seeds, tmp_path):
    write_comparison(load_runs(seeds), tmp_path / "out", table="csv")
    rows = rows_of(tmp_path / "out/table.csv")
    found = {run: rows["disentanglement/mig", run]["apart"] for run in ("three", "low", "near")}
    # 0.6 -+ 0.27, 0.1 -+ 0.1, 0.55 -+ 0.1.
    assert found == {"three": "0", "low": "1", "near": "0"}
    # Without intervals nothing is known to differ.
    assert rows["swap/digit/digit/donor", "low"]["apart"] == "0"
    write_comparison(load_runs(seeds), tmp_path / "out")
    table = (tmp_path / "out/table.md").read_text()
    assert "| MIG | 0.6000 ± 0.1000 (0.3322 to 0.8678) | 0.1000 (0.0000 to 0.2000) \\* |" in table
    page = (tmp_path / "out/compare.html").read_text()
    assert "0.1000 (0.0000 to 0.2000) *" in page
    assert '<td class="text" data-column="three">0, 1, 2</td>' in page


def test_seeds_alone_can_be_looked_at_and_unfinished_ones_are_named(seeds, tmp_path):
    (run,) = load_runs(seeds[:1])
    assert [path.name for path in run.workdirs] == ["seed_0", "seed_1", "seed_2"]
    assert write_comparison([run], tmp_path / "out") == []
    (tmp_path / "three/seed_10").mkdir()
    with pytest.raises(ValueError, match="seed_10' holds no evaluated run"):
        load_runs(seeds)


@pytest.mark.parametrize(
    ("form", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")]
)
def test_figures_come_in_the_form_that_is_asked_for(runs, tmp_path, form, start):
    write_comparison(runs, tmp_path / "out", figures=form)
    figures = sorted((tmp_path / "out/figures").iterdir())
    assert [path.name for path in figures] == [
        f"{name}.{form}"
        for name in (
            "disentanglement_by_block",
            "exchanged_blocks_fraction",
            "likelihood_nats_per_example",
            "responses",
            "responses_units_of_the_output",
        )
    ]
    assert all(path.read_bytes().startswith(start) for path in figures)


def test_a_latex_table_escapes_what_latex_would_read(tmp_path):
    paths = [run_at(tmp_path / name, 0.5) for name in ("a_b", "50%")]
    write_comparison(load_runs(paths), tmp_path / "out", table="latex")
    table = (tmp_path / "out/table.tex").read_text()
    assert r"result & a\_b & 50\% & unit" in table
    assert r"MIG & 0.5000 (0.4000 to 0.6000) & 0.5000 (0.4000 to 0.6000) &" in table
    assert table.count(r"\begin{longtable}") == table.count(r"\end{longtable}") == 1


def test_without_pandas_a_latex_table_says_what_brings_it(runs, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match=r"needs pandas, .*pip install 'iin_tf"):
        write_comparison(runs, tmp_path / "out", table="latex")
    assert not (tmp_path / "out").exists()


def test_equal_names_are_told_apart(tmp_path):
    paths = [run_at(tmp_path / name / "run", 0.5) for name in ("here", "there")]
    assert [run.name for run in load_runs(paths)] == ["here/run", "there/run"]


def test_what_is_no_run_is_refused(tmp_path):
    one = run_at(tmp_path / "one", 0.5)
    with pytest.raises(ValueError, match="two different"):
        load_runs([one])
    with pytest.raises(ValueError, match="give each once"):
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
