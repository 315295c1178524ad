"""What a workdir records, and what it refuses."""

import json
import re

import pytest

from iin_tf.checks import InputError
from iin_tf.experiment.workdir import StaleStage, Workdir
from iin_tf.versions import library_versions


@pytest.fixture
def workdir(tmp_path):
    made = Workdir(tmp_path / "new" / "run")
    made.make()
    return made


def test_a_stage_is_done_with_its_config_only(workdir):
    config = {"seed": 0, "data.views": 3}
    assert not workdir.is_done("encode", config)
    workdir.mark("encode", config)
    assert Workdir(workdir.path).is_done("encode", config)


def test_changed_keys_are_named(workdir):
    workdir.mark("train", {"seed": 0, "network.blocks": 8, "network.hidden": 256})
    with pytest.raises(StaleStage, match=r"'train'.* of network\.blocks, training\.steps: "):
        workdir.is_done(
            "train", {"seed": 0, "network.blocks": 4, "network.hidden": 256, "training.steps": 1}
        )


def test_forgetting_leaves_the_others(workdir):
    workdir.mark("encode", {})
    workdir.mark("train", {})
    workdir.forget(["train"])
    assert list(workdir.done()) == ["encode"]


def test_what_is_begun_goes_on_with_its_config_only(workdir):
    left = ["checkpoints"]
    workdir.begin("train", {"seed": 0, "training.steps": 8}, left)
    # Nothing is there yet that another config could not use.
    assert not workdir.is_done("train", {"seed": 0, "training.steps": 9}, left)
    workdir.checkpoints.mkdir()
    assert not workdir.is_done("train", {"seed": 0, "training.steps": 8}, left)
    with pytest.raises(StaleStage, match=r"'train'.* begun with other values of training\.steps: "):
        workdir.is_done("train", {"seed": 0, "training.steps": 9}, left)
    workdir.begin("train", {"seed": 0, "training.steps": 9}, left)
    assert not workdir.checkpoints.exists()


def test_the_parts_of_a_stage_go_with_it(workdir):
    for stage in ("encode", "evaluate"):
        workdir.parts(stage).mkdir(parents=True)
    workdir.remove_parts("encode")
    assert [path.name for path in (workdir.path / "parts").iterdir()] == ["evaluate"]
    workdir.remove_parts("evaluate")
    assert not (workdir.path / "parts").exists()


def test_what_is_begun_again_goes_on_and_what_no_config_is_known_of_does_not(workdir):
    def begin():
        workdir.begin("train", {"seed": 0}, ["checkpoints"])

    begin()
    workdir.checkpoints.mkdir()
    begin()
    assert workdir.checkpoints.exists()
    workdir.record.unlink()
    begin()
    assert not workdir.checkpoints.exists()


def test_forgetting_what_is_begun_leaves_nothing_to_go_on_from(workdir):
    workdir.begin("train", {"seed": 0}, ["checkpoints"])
    workdir.checkpoints.mkdir()
    workdir.forget(["evaluate"])
    assert workdir.checkpoints.exists()
    workdir.forget(["train", "evaluate"], ["checkpoints"])
    assert not workdir.checkpoints.exists()
    assert not workdir.is_done("train", {"seed": 1})


def test_the_record_names_its_format_and_the_libraries(workdir):
    workdir.mark("encode", {"seed": 0})
    record = json.loads(workdir.record.read_text())
    assert record["format"] == 1
    assert record["stages"]["encode"] == {"config": {"seed": 0}, "versions": library_versions()}
    assert {"iin_tf", "tensorflow", "keras", "tensorflow-probability", "numpy"} <= set(
        workdir.versions("encode")
    )


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ('{"pretrain": {"seed": 0}}', "names no format, this iin_tf reads format 1"),
        ('{"format": 2}', "has format 2, this iin_tf reads format 1"),
        ('{"format": 1, "stages": {"train": {}}', "is no whole JSON file .*restore it"),
        ("", "is no whole JSON file"),
        ("[" * 100_000, "nested too deep"),
        ("[]", "holds no JSON object"),
        ('{"format": 1, "stages": []}', "has no dict 'stages'"),
        ('{"format": 1, "stages": {"train": 3}, "begun": {}}', "stage 'train'"),
        (
            '{"format": 1, "stages": {"train": {"config": 3, "versions": {}}}, "begun": {}}',
            "stage 'train'",
        ),
        ('{"format": 1, "stages": {}, "begun": {"train": 3}}', "stage 'train' was begun"),
    ],
)
def test_a_record_that_cannot_be_used_is_named_with_the_mend(workdir, record, message):
    workdir.record.write_text(record)
    with pytest.raises(InputError, match=rf"{re.escape(str(workdir.record))} .*{message}"):
        workdir.done()


@pytest.mark.parametrize("text", ['{"use', "{}", '{"used": {"sizes": 3}}', '{"used": 3}'])
def test_a_layout_that_cannot_be_used_is_named(workdir, text):
    workdir.factor_sizes.write_text(text)
    with pytest.raises(InputError, match=r"factor_sizes\.json .*; restore it"):
        workdir.layout()


def test_reading_writes_nothing(tmp_path):
    workdir = Workdir(tmp_path / "none")
    assert workdir.done() == {}
    assert not workdir.path.exists()


def test_a_finished_run_is_read_where_nothing_can_be_written(workdir, monkeypatch):
    workdir.mark("evaluate", {"seed": 0})
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert Workdir(workdir.path).done() == {"evaluate": {"seed": 0}}
    with pytest.raises(InputError, match="cannot be written"):
        Workdir(workdir.path).make()


@pytest.mark.parametrize(
    ("name", "message"), [("file/run", "cannot be made"), ("", "workdir is empty")]
)
def test_a_place_that_cannot_be_made_is_refused(tmp_path, name, message):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=message):
        Workdir(tmp_path / name if name else "").make()
