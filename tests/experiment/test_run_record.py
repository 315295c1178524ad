"""What a report says of its run, and the run made again from it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import iin_tf
from iin_tf.checks import InputError
from iin_tf.experiment import default_config
from iin_tf.experiment.run_record import (
    config_again,
    read_report,
    result_digests,
    run_record,
    said_of_results,
)
from iin_tf.reporting.report import write_report
from iin_tf.results import Results

ROOT = Path(__file__).parents[2]


@pytest.fixture
def network():
    layout = iin_tf.FactorLayout({"digit": 2}, residual=3)
    return iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, seed=0)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("id,digit\n0,1\n")
    return path


@pytest.fixture
def record(tmp_path, table, network):
    (tmp_path / "metrics.json").write_text("{}")
    config = default_config()
    config.seed, config.data.labels, config.network.front = 7, str(table), "whiten"
    # What would end the script, were it not escaped.
    config.data.path = "</script><b>"
    return run_record(config, network, tmp_path / "metrics.json")


@pytest.fixture
def report(tmp_path, record):
    results = Results.from_metrics({"nll/test": 1.0})
    write_report(tmp_path, results, ["residual", "digit"], record["config"], record=record)
    return tmp_path / "report.html"


def test_the_report_gives_back_the_config_of_its_run(report, record):
    found = read_report(report)
    assert found == json.loads(json.dumps(record))
    config = config_again(found)
    assert (config.seed, config.network.front, config.data.path) == (7, "whiten", "</script><b>")
    # As tuples and numbers, not as JSON has them.
    assert config.to_dict() == {**default_config().to_dict(), **record["config"]}


def test_digests_are_those_that_sha256sum_prints(record, table, tmp_path):
    import hashlib

    assert record["files"] == {
        "data.labels": f"SHA-256 {hashlib.sha256(table.read_bytes()).hexdigest()}"
    }
    metrics = (tmp_path / "metrics.json").read_bytes()
    assert record["result"]["metrics.json"] == f"SHA-256 {hashlib.sha256(metrics).hexdigest()}"


def test_one_weight_changes_the_digest(network, tmp_path):
    (tmp_path / "metrics.json").write_text("{}")
    before = result_digests(network, tmp_path / "metrics.json")
    assert "weights and figures are those" in said_of_results(
        before, result_digests(network, tmp_path / "metrics.json")
    )
    shift = network.flow.actnorms.shift
    shift.assign(np.nextafter(shift.numpy(), 1))
    after = result_digests(network, tmp_path / "metrics.json")
    assert said_of_results(before, after).startswith("weights are not those of the report")


def test_the_machine_and_the_versions_are_told(record):
    assert record["versions"]["iin_tf"] == iin_tf.__version__
    assert record["machine"]["cores"] == os.cpu_count()
    assert record["machine"]["devices"] == 1
    assert record["machine"]["processor"]


def test_a_file_that_changed_or_went_is_refused_by_its_key(report, table):
    table.write_text("id,digit\n0,2\n")
    with pytest.raises(InputError, match=r"the file of data\.labels had SHA-256 .* and has SHA"):
        config_again(read_report(report))
    table.unlink()
    with pytest.raises(InputError, match=r"data\.labels"):
        config_again(read_report(report))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html></html>", "says no config of its run"),
        ('<script type="application/json" id="run">{"config": 3}</script>', "says no config"),
        ('<script type="application/json" id="run">{"format": 2}</script>', "format 2"),
        ('<script type="application/json" id="run">{</script>', "cannot be read"),
    ],
)
def test_other_pages_are_refused(tmp_path, text, message):
    (tmp_path / "x.html").write_text(text)
    with pytest.raises(InputError, match=message):
        read_report(tmp_path / "x.html")
    with pytest.raises(InputError, match="which is no file"):
        read_report(tmp_path / "none.html")


def run(directory, *flags):
    return subprocess.run(
        [sys.executable, ROOT / "bin" / "iin_run", *flags],
        capture_output=True,
        text=True,
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--config=configs/smoke.py", "--from_report=x"], "both given"),
        (["--from_report=none.html"], "is no file"),
        ([], "config is not given"),
    ],
)
def test_one_origin_is_wanted(flags, message):
    result = run(ROOT, *flags, "--workdir=x")
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.slow
def test_a_run_from_a_report_is_the_same_to_the_bit(tmp_path):
    first = run(tmp_path, f"--config={ROOT / 'configs' / 'smoke.py'}", "--workdir=first")
    assert first.returncode == 0, first.stderr[-2000:]
    again = run(tmp_path, "--from_report=first/evaluation/report.html", "--workdir=again")
    assert again.returncode == 0, again.stderr[-2000:]
    assert "weights and figures are those of the report, to the bit" in again.stdout
    metrics = [
        (tmp_path / name / "evaluation/metrics.json").read_bytes() for name in ("first", "again")
    ]
    assert metrics[0] == metrics[1]
