"""The comparison by labelled originals, end to end on a small experiment."""

import importlib.util
import json
from pathlib import Path

import pytest

from iin_tf import files
from iin_tf.checks import InputError
from iin_tf.experiment.run import run_stages
from iin_tf.experiment.stages.registry import closure
from iin_tf.experiment.workdir import StaleStage, Workdir

CONFIG = Path(__file__).parents[2] / "configs" / "few_labels.py"


def small(**few_labels):
    spec = importlib.util.spec_from_file_location(CONFIG.stem, CONFIG)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    config = module.small()
    for key, value in few_labels.items():
        config.few_labels[key] = value
    return config


@pytest.mark.parametrize("missing", [(), ("taste",)])
def test_what_is_missing_must_be_a_factor(tmp_path, missing):
    with pytest.raises(InputError, match=r"few_labels\.missing is"):
        run_stages(small(missing=missing), tmp_path / "run", closure("few_labels"))
    assert not (tmp_path / "run").exists()


def test_pairs_must_share_equal_labels(tmp_path):
    config = small()
    config.data.factors = ()
    config.sizes.compare = False
    with pytest.raises(InputError, match="give factors, and no length scales"):
        run_stages(config, tmp_path / "run", closure("few_labels"))


@pytest.mark.slow
def test_runs_share_one_first_stage_and_resume(tmp_path, capsys):
    stages = closure("few_labels")
    run_stages(small(), tmp_path, stages)
    directory = tmp_path / "few_labels"
    names = ["14-0.0-0", "14-0.5-0", "all-0.0-0", "all-0.5-0"]
    assert sorted(path.parent.name for path in directory.glob("*/metrics.json")) == names
    assert (directory / "few_labels.png").is_file()
    table = (directory / "few_labels.md").read_text()
    # One run lost before the stage had ended: the others stay as they are, and the same run gives
    # the same figures, but for the rounding of sums in another order.
    before = files.read_json(directory / "14-0.5-0/metrics.json")
    (directory / "14-0.5-0/metrics.json").unlink()
    record = json.loads((tmp_path / "config.json").read_text())
    record["begun"]["few_labels"] = record["stages"].pop("few_labels")["config"]
    (tmp_path / "config.json").write_text(json.dumps(record))
    capsys.readouterr()
    run_stages(small(), tmp_path, stages)
    assert capsys.readouterr().out.count("few_labels: 14-0.5-0 begins") == 1
    assert files.read_json(directory / "14-0.5-0/metrics.json") == pytest.approx(before, abs=1e-5)
    assert (directory / "few_labels.md").read_text() == table
    config = small()
    config.network.hidden = 8
    with pytest.raises(StaleStage, match=r"'few_labels'.* other values of network\.hidden"):
        run_stages(config, tmp_path, stages)
    assert "train" not in Workdir(tmp_path).done()
