"""Keys that follow the data, through the stages."""

import json
from pathlib import Path

import numpy as np
import pandas
import pytest

import iin_tf
from iin_tf.checks import InputError
from iin_tf.data import LatentStore
from iin_tf.experiment import default_config, load_config, run_stages, shrunk
from iin_tf.experiment.automatic import groups_of
from iin_tf.experiment.automatic_keys import automatic_keys, not_given
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.workdir import Workdir

ROOT = Path(__file__).parents[2]
ALL = ("first_stage", "sizes", "network", "training")
OWN_STAGE = """
from iin_tf.first_stages import FunctionFirstStage

def get_first_stage(config):
    return FunctionFirstStage(lambda x: x, latent_size=24, noise={noise})
"""


@pytest.fixture(scope="module")
def config(two_factors_config):
    config = two_factors_config.copy_and_resolve_references()
    config.training.steps_per_epoch = 300
    return config


def test_values_are_chosen_once_kept_and_used(tmp_path, config, capsys):
    config = config.copy_and_resolve_references()
    config.auto = ALL
    run_stages(config, tmp_path, ["encode", "sizes"])
    kept = json.loads((tmp_path / "settings.json").read_text())
    values, printed = kept["values"], capsys.readouterr().out
    for key, value in values.items():
        shown = tuple(value) if isinstance(value, list) else value
        assert f"[iin] {key} = {shown}: {kept['reasons'][key]}\n" in printed
    assert values["sizes.fixed"] == [13, 7, 4]
    used = json.loads((tmp_path / "factor_sizes.json").read_text())["used"]
    assert used == {"factors": [["speaker", 7], ["style", 4]], "residual": 13}
    store = LatentStore(tmp_path / "latents/train")
    noise = values["first_stage.noise"] * np.sqrt(store.mean.var(axis=0).mean())
    # The noise is fitted on the very rows.
    np.testing.assert_allclose(np.exp(store.log_variance[0] / 2), noise, rtol=1e-3)
    later = Experiment(config, Workdir(tmp_path), "none").config
    assert later.network.hidden == values["network.hidden"] == 256
    # A whole number of epochs of 300.
    assert (values["training.steps"], later.training.steps) == (2500, 2700)
    before = (tmp_path / "settings.json").read_bytes()
    run_stages(config, tmp_path, ["encode", "sizes"])
    assert "encode: done before, skipped" in capsys.readouterr().out
    assert (tmp_path / "settings.json").read_bytes() == before


def test_what_the_command_line_gives_is_not_automatic():
    left = not_given(("network", "sizes"), ["network.blocks", "training.steps"])
    assert set(left) == {*automatic_keys(("network", "sizes"))} - {"network.blocks"}
    # Sizes that are to be estimated are not chosen.
    assert not_given(("sizes",), ["sizes.method"]) == ()
    # A correlation of one factor is one, too.
    assert not_given(("network.correlation",), ["network.correlation.style"]) == ()
    assert not_given(("network.correlation",), ["network.correlations"]) == ("network.correlation",)


def test_what_is_not_automatic_stays(tmp_path, config):
    config = config.copy_and_resolve_references()
    config.auto = ("network.blocks", "sizes")
    config.network.hidden = 99
    run_stages(config, tmp_path, ["encode"])
    values = json.loads((tmp_path / "settings.json").read_text())["values"]
    assert set(values) == {"network.blocks", "sizes.fixed"}
    later = Experiment(config, Workdir(tmp_path), "none").config
    assert (later.network.hidden, later.first_stage.noise) == (99, config.first_stage.noise)


@pytest.mark.parametrize(
    ("changes", "kind", "members"),
    [
        ({}, "pairs", None),
        ({"auto": ("pairs",)}, "groups", 4),
        ({"auto": ("pairs",), "views": "speaker"}, "pairs", None),
        ({"kind": "groups"}, "groups", 3),
    ],
)
def test_groups_are_chosen_where_nothing_is_for_pairs_alone(changes, kind, members):
    config = default_config()
    config.data.factors = ("speaker", "style")
    config.auto = changes.get("auto", ("network",))
    config.pairs.kind, config.pairs.members = changes.get("kind", "pairs"), 3
    if "views" in changes:
        config.pairs.views_share = (changes["views"],)
    random = np.random.default_rng(0)
    labels = {"speaker": random.integers(4, size=1000), "style": random.integers(2, size=1000)}
    z = random.normal(size=(1000, 130)) + 3 * np.eye(130)[labels["speaker"]]
    z += 3 * np.eye(130)[4 + labels["style"]]
    chosen = iin_tf.suggest(z, labels, members=groups_of(config))
    assert chosen.kind == kind
    assert chosen.reason("pairs.kind") == chosen.reasons["members"]
    assert chosen.as_config(["pairs.members"]).get("pairs.members") == members


def test_a_first_stage_must_take_the_noise_that_is_chosen(tmp_path, config):
    config = config.copy_and_resolve_references()
    config.auto, config.first_stage.kind = ("first_stage",), "python"
    config.code = str(tmp_path / "fixed.py")
    Path(config.code).write_text(OWN_STAGE.format(noise=0.01))
    with pytest.raises(InputError, match=r"but the first stage has 0\.01: let get_first_stage"):
        run_stages(config, tmp_path / "fixed", ["encode"])
    config.code = str(tmp_path / "given.py")
    Path(config.code).write_text(OWN_STAGE.format(noise="config.first_stage.noise"))
    run_stages(config, tmp_path / "given", ["encode"])


def test_automatic_keys_need_factors(tmp_path, config):
    config = load_config(str(ROOT / "configs" / "unsupervised.py"))
    config.auto = ALL
    with pytest.raises(InputError, match=r"auto is .*, but data\.factors is empty"):
        run_stages(config, tmp_path)


def test_a_small_form_is_small(config):
    config = config.copy_and_resolve_references()
    config.auto = ALL
    assert set(shrunk(config).auto) == {"first_stage.noise", "first_stage.noise_kind"}


def test_the_rule_is_that_of_python(tmp_path, config):
    z = np.load(config.data.path).astype(np.float32)
    labels = pandas.read_csv(config.data.labels)[["speaker", "style"]]
    assert iin_tf.suggest(z, labels).sizes == (13, 7, 4)
