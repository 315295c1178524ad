import pytest

from iin_tf.experiment.workdir import StaleStage, Workdir


def test_a_stage_is_done_with_its_config_only(tmp_path):
    workdir = Workdir(tmp_path / "new" / "run")
    config = {"seed": 0, "data.views": 3}
    assert not workdir.is_done("encode", config)
    workdir.mark("encode", config)
    assert Workdir(tmp_path / "new" / "run").is_done("encode", config)


def test_changed_keys_are_named(tmp_path):
    workdir = Workdir(tmp_path)
    workdir.mark("train", {"seed": 0, "network.blocks": 8, "network.hidden": 256})
    with pytest.raises(StaleStage, match=r"'train'.* of network\.blocks, training\.steps: "):
        workdir.is_done(
            "train", {"seed": 0, "network.blocks": 4, "network.hidden": 256, "training.steps": 1}
        )


def test_forgetting_leaves_the_others(tmp_path):
    workdir = Workdir(tmp_path)
    workdir.mark("encode", {})
    workdir.mark("train", {})
    workdir.forget(["train"])
    assert list(workdir.done()) == ["encode"]


def test_a_training_goes_on_with_its_config_only(tmp_path):
    workdir = Workdir(tmp_path)
    workdir.begin_training({"seed": 0, "training.steps": 8})
    assert not workdir.is_done("train", {"seed": 0, "training.steps": 8})
    with pytest.raises(StaleStage, match=r"'train'.* begun with other values of training\.steps: "):
        workdir.is_done("train", {"seed": 0, "training.steps": 9})


def test_forgetting_a_training_leaves_nothing_to_go_on_from(tmp_path):
    workdir = Workdir(tmp_path)
    workdir.begin_training({"seed": 0})
    (workdir.checkpoints / "best.json").write_text("{}")
    workdir.forget(["evaluate"])
    assert (workdir.checkpoints / "best.json").exists()
    workdir.forget(["train", "evaluate"])
    assert not workdir.checkpoints.exists()
    assert not workdir.is_done("train", {"seed": 1})


def test_a_place_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"workdir .* cannot be made"):
        Workdir(tmp_path / "file" / "run")
