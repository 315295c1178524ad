"""Stages as a graph: what each depends on, and stages from outside the package."""

import pytest

from iin_tf.checks import InputError
from iin_tf.experiment import Stage, default_config, register_stage, run_stages
from iin_tf.experiment.stages import registry
from iin_tf.experiment.workdir import StaleStage

BUILT_IN = ("pretrain", "encode", "sizes", "train", "evaluate", "export", "baselines", "few_labels")


@pytest.fixture
def outside(monkeypatch):
    """The registry, put back as it was after the test."""
    monkeypatch.setattr(registry, "_STAGES", dict(registry._STAGES))


def changed(key, value):
    config = default_config()
    config.update_from_flattened_dict({key: value})
    return config


@pytest.mark.parametrize(
    ("key", "value", "stale"),
    [
        ("evaluation.grid", 5, {"evaluate"}),
        ("evaluation.measures", ("mig",), {"evaluate", "baselines"}),
        ("export.name", "other", {"export"}),
        ("baselines.steps", 3, {"baselines"}),
        ("network.hidden", 8, {"train", "evaluate", "export", "baselines", "few_labels"}),
        ("pairs.balanced", True, set(BUILT_IN) - {"pretrain", "encode"}),
        ("data.test_views", 5, set(BUILT_IN) - {"pretrain"}),
        ("data.factors", ("digit",), set(BUILT_IN) - {"pretrain", "encode"}),
        ("data.views", 5, set(BUILT_IN)),
        ("seed", 1, set(BUILT_IN)),
    ],
)
def test_a_stage_is_stale_only_where_what_it_needs_has_changed(key, value, stale):
    before, now = default_config(), changed(key, value)
    differ = {
        name
        for name in BUILT_IN
        if registry.flat_config(before, name) != registry.flat_config(now, name)
    }
    assert differ == stale


def test_a_classifier_depends_on_its_factor_and_an_autoencoder_does_not():
    def flat(factors):
        config = changed("first_stage.kind", "classifier")
        config.data.factors = factors
        return registry.flat_config(config, "pretrain")

    assert flat(("digit",)) != flat(("color",))


def test_every_key_of_the_config_belongs_to_a_stage():
    # What is trained here reads other keys than what was trained elsewhere.
    configs = [changed("first_stage.kind", "keras"), changed("training.seed", 1)]
    read = {key for one in configs for name in BUILT_IN for key in registry.flat_config(one, name)}
    keys = registry.flat_keys(configs[0].to_dict())
    # How often a training is saved changes none.
    saving = {key for key in keys if key.startswith("checkpoints.")}
    assert read == {key for key in keys if "." in key} - saving | {"seed"}


def test_what_needs_a_stage_comes_after_it():
    for name in BUILT_IN:
        *before, last = registry.closure(name)
        assert last == name
        assert set(registry.find_stage(name).needs) <= set(before)
    assert registry.dependents("train") == ("evaluate", "export", "baselines")
    assert registry.default_stages() == BUILT_IN[:-2]


def test_a_stage_from_outside_is_one_registration(outside, tmp_path, capsys):
    runs = []

    def count(experiment):
        runs.append(experiment.config.count.upto)

    def check(config):
        if config.count.upto < 1:
            raise InputError(f"count.upto is {config.count.upto}; give 1 or more")

    def config_of(upto, donors=20):
        config = changed("evaluation.donors", donors)
        with config.unlocked():
            config.count = {"upto": upto}
        return config

    register_stage(Stage("count", count, reads=("count",), default=False, check=check))
    run_stages(config_of(3), tmp_path, ["count"])
    # Another section's change is not its own.
    run_stages(config_of(3, donors=5), tmp_path, ["count"])
    assert runs == [3]
    assert "count: done before, skipped" in capsys.readouterr().out
    with pytest.raises(StaleStage, match=r"other values of count\.upto"):
        run_stages(config_of(4), tmp_path, ["count"])
    run_stages(config_of(4), tmp_path, ["count"], overwrite=True)
    assert runs == [3, 4]
    with pytest.raises(InputError, match=r"count\.upto is 0"):
        run_stages(config_of(0), tmp_path, ["count"], overwrite=True)
    with pytest.raises(InputError, match="stage 'count' reads 'count'"):
        run_stages(default_config(), tmp_path, ["count"])


def test_what_builds_on_a_stage_is_done_again_after_it(outside, tmp_path):
    runs = []
    register_stage(Stage("first", lambda _: runs.append("first"), reads=("seed",)))
    register_stage(Stage("second", lambda _: runs.append("second"), needs=("first",)))
    both = ["second", "first"]
    run_stages(default_config(), tmp_path, both)
    run_stages(changed("seed", 1), tmp_path, ["first"], overwrite=True)
    with pytest.raises(InputError, match="stage 'first' is not done"):
        run_stages(default_config(), tmp_path / "new", ["second"])
    run_stages(changed("seed", 1), tmp_path, both)
    assert runs == ["first", "second", "first", "second"]


def test_a_stale_stage_is_refused_before_anything_runs(outside, tmp_path):
    runs = []
    register_stage(Stage("one", lambda _: runs.append("one"), reads=("seed",), default=False))
    register_stage(Stage("two", lambda _: runs.append("two"), reads=("export",), default=False))
    run_stages(default_config(), tmp_path, ["two"])
    with pytest.raises(StaleStage, match="'two'"):
        run_stages(changed("export.name", "other"), tmp_path, ["one", "two"])
    assert runs == ["two"]


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        (Stage("train", print), "one of the package"),
        (Stage("new", print, needs=("trian",)), "'trian' is not known; give one of"),
    ],
)
def test_what_cannot_be_registered_is_refused(outside, stage, message):
    with pytest.raises(InputError, match=message):
        register_stage(stage)


def test_a_circle_of_needs_is_refused(outside):
    register_stage(Stage("one", print))
    register_stage(Stage("two", print, needs=("one",)))
    with pytest.raises(InputError, match="needs 'two', which needs it"):
        register_stage(Stage("one", print, needs=("two",)))


def test_an_unknown_stage_is_refused(tmp_path):
    with pytest.raises(InputError, match="stage 'trian' is not known"):
        run_stages(default_config(), tmp_path / "run", ["trian"])
    assert not (tmp_path / "run").exists()
