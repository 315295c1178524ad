"""Files that change behind the same path."""

import hashlib
import os

import pytest

from iin_tf.checks import InputError
from iin_tf.experiment import Stage, contents, default_config, register_stage, run_stages
from iin_tf.experiment.contents import fingerprint
from iin_tf.experiment.stages import registry
from iin_tf.experiment.workdir import StaleStage, Workdir


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "set"
    (made / "cats").mkdir(parents=True)
    (made / "cats" / "0.txt").write_text("a cat")
    (made / "1.txt").write_text("a dog")
    return made


def at(path, time):
    os.utime(path, ns=(time, time))


def test_a_file_is_told_by_what_it_holds(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id\n1\n")
    before = fingerprint(path)
    assert before == "SHA-256 " + hashlib.sha256(path.read_bytes()).hexdigest()
    at(path, 10**18)
    assert fingerprint(path) == before
    # Another row of the same length.
    path.write_text("id\n2\n")
    assert fingerprint(path) != before


def test_a_folder_is_told_by_the_names_and_what_its_files_hold(folder):
    before = fingerprint(folder)
    assert before == fingerprint(f"{folder}/")
    (folder / "1.txt").rename(folder / "2.txt")
    renamed = fingerprint(folder)
    (folder / "cats" / "0.txt").write_text("a rat")
    assert len({before, renamed, fingerprint(folder)}) == 3


def test_hidden_files_workdirs_and_links_to_nothing_do_not_count(folder):
    before = fingerprint(folder)
    (folder / ".DS_Store").write_text("x")
    (folder / "gone.txt").symlink_to(folder / "nowhere")
    Workdir(folder / "run").make()
    Workdir(folder / "run").mark("encode", {})
    (folder / ".cache").mkdir()
    (folder / ".cache" / "x").write_text("x")
    assert fingerprint(folder) == before
    # Not every config.json is a workdir's.
    (folder / "cats" / "config.json").write_text("{}")
    assert fingerprint(folder) != before


def test_of_much_sizes_and_times_stand_for_it(folder, monkeypatch):
    monkeypatch.setattr(contents, "_MOST", 9)
    at(folder / "1.txt", 10**18)
    before = fingerprint(folder)
    assert before.startswith("sizes and times ")
    (folder / "1.txt").write_text("a cow")
    at(folder / "1.txt", 10**18)
    assert fingerprint(folder) == before
    at(folder / "1.txt", 10**18 + 1)
    assert fingerprint(folder) != before


def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError("not yours")

    (tmp_path / "rows.npy").write_text("secret")
    monkeypatch.setattr(contents, "_add", refuse)
    with pytest.raises(InputError, match=r"rows\.npy cannot be read \(PermissionError: not yours"):
        fingerprint(tmp_path / "rows.npy")


@pytest.fixture
def stages(monkeypatch):
    monkeypatch.setattr(registry, "_STAGES", dict(registry._STAGES))
    runs = []
    register_stage(
        Stage("read", lambda _: runs.append("read"), reads=("data.labels",), default=False)
    )
    return runs


def test_a_stage_says_which_file_has_changed(stages, tmp_path):
    config = default_config()
    config.data.labels = str(tmp_path / "labels.csv")
    (tmp_path / "labels.csv").write_text("id,kind\n1,2\n")
    run_stages(config, tmp_path / "run", ["read"])
    run_stages(config, tmp_path / "run", ["read"])
    assert stages == ["read"]
    (tmp_path / "labels.csv").write_text("id,kind\n1,3\n")
    with pytest.raises(
        StaleStage, match=r"'read'.* values of data\.labels \(contents\): give --ov"
    ):
        run_stages(config, tmp_path / "run", ["read"])
    run_stages(config, tmp_path / "run", ["read"], overwrite=True)
    assert stages == ["read", "read"]


def test_a_workdir_from_before_is_told_in_one_line(stages, tmp_path):
    config = default_config()
    config.data.labels = str(tmp_path / "labels.csv")
    (tmp_path / "labels.csv").write_text("id,kind\n1,2\n")
    workdir = Workdir(tmp_path / "run")
    workdir.make()
    workdir.mark("read", {"data.labels": config.data.labels})
    with pytest.raises(StaleStage, match=r"^[^\n]*data\.labels \(contents\): give[^\n]*$"):
        run_stages(config, workdir.path, ["read"])


def test_every_stage_behind_the_model_depends_on_its_file(tmp_path):
    config = default_config()
    config.first_stage.kind, config.first_stage.path = "keras", str(tmp_path / "model.keras")
    (tmp_path / "model.keras").write_text("one")
    names = registry.default_stages()
    before = {name: registry.flat_config(config, name) for name in names}
    (tmp_path / "model.keras").write_text("two")
    changed = {
        name: {key for key, value in registry.flat_config(config, name).items()
               if before[name].get(key) != value}
        for name in names
    }  # fmt: skip
    behind = {name: {"first_stage.path (contents)"} for name in names if name != "pretrain"}
    assert changed == behind | {"pretrain": set()}
