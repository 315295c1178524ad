"""Checkpoints on disk: kills at every operation, damaged files, full disks."""

import errno
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from damage import emptied, flipped, removed, truncated

from iin_tf import digests, files
from iin_tf.checks import InputError
from iin_tf.training.checkpoint_folder import CheckpointFolder, DamagedCheckpointWarning

ROOT = Path(__file__).parents[2]


def add(directory, *steps, best=None):
    folder = CheckpointFolder(directory, keep=2)
    folder.newest()
    for step in steps:
        arrays = {"model": {"0": np.full(100, step, np.float32)}, "random": {"key": np.arange(9)}}
        folder.add(arrays, {"step": step, "best": best and {"step": best}})


def newest(directory):
    return CheckpointFolder(directory, keep=2).newest()


def names(directory):
    return sorted(path.name for path in directory.iterdir())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed writer is a fork")
def test_a_kill_at_every_write_rename_and_removal_leaves_the_old_or_the_new_one(tmp_path):
    result = subprocess.run(
        [sys.executable, Path(__file__).parent / "kills/every_step.py", tmp_path],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert result.returncode == 0, result.stderr
    # Two checkpoints, each killed before and within its operations: none was passed over.
    assert int(result.stdout) > 100


def test_the_newest_few_and_the_best_of_their_times_stay(tmp_path):
    add(tmp_path, 1, 2, 3, best=1)
    assert names(tmp_path) == ["current.json", *(f"step_{on:09d}" for on in (1, 2, 3))]
    add(tmp_path, 4, 5, best=4)
    assert names(tmp_path) == ["current.json", *(f"step_{on:09d}" for on in (4, 5))]
    found = newest(tmp_path)
    assert found.state == {"step": 5, "best": {"step": 4}}
    np.testing.assert_array_equal(found.arrays["model"]["0"], np.full(100, 5, np.float32))
    assert CheckpointFolder(tmp_path, keep=2).best(found.state).state["step"] == 4


@pytest.mark.parametrize("damage", [truncated, flipped, emptied, removed])
@pytest.mark.parametrize("name", ["model.npz", "random.npz", "state.json", "manifest.json"])
def test_of_a_damaged_checkpoint_the_file_is_named_and_the_one_before_is_used(
    tmp_path, damage, name
):
    add(tmp_path, 1, 2)
    assert {path.name for path in (tmp_path / "step_000000002").iterdir()} == {
        "model.npz", "random.npz", "state.json", "manifest.json",
    }  # fmt: skip
    damage(tmp_path / "step_000000002" / name)
    said = f"{re.escape(str(tmp_path / 'step_000000002' / name))}.* {tmp_path}/step_000000001 is"
    with pytest.warns(DamagedCheckpointWarning, match=said):
        found = newest(tmp_path)
    assert found.state["step"] == 1
    # What comes then counts as ever.
    with pytest.warns(DamagedCheckpointWarning):
        add(tmp_path, 2)
    assert newest(tmp_path).state["step"] == 2


@pytest.mark.parametrize("at", [0, 60, -2])
def test_a_flipped_manifest_is_damage_wherever_the_flip_is(tmp_path, at):
    add(tmp_path, 1, 2)
    path = tmp_path / "step_000000002/manifest.json"
    content = bytearray(path.read_bytes())
    content[at] ^= 2
    path.write_bytes(content)
    with pytest.warns(DamagedCheckpointWarning, match="manifest"):
        assert newest(tmp_path).state["step"] == 1


@pytest.mark.parametrize("damage", [truncated, flipped, emptied])
def test_a_damaged_pointer_is_named_and_the_newest_whole_checkpoint_used(tmp_path, damage):
    add(tmp_path, 1, 2)
    damage(tmp_path / "current.json")
    with pytest.warns(DamagedCheckpointWarning, match=r"current\.json|step_\d+"):
        assert newest(tmp_path).state["step"] in (1, 2)


def test_without_a_pointer_the_newest_whole_checkpoint_is_used(tmp_path):
    add(tmp_path, 1, 2)
    (tmp_path / "current.json").unlink()
    assert newest(tmp_path).state["step"] == 2


def test_a_checkpoint_whose_best_is_damaged_is_not_gone_on_from(tmp_path):
    add(tmp_path, 1)
    add(tmp_path, 2, 3, best=2)
    flipped(tmp_path / "step_000000002/model.npz")
    add_best = r"step_000000002/model\.npz is not as it was written; training begins anew"
    with pytest.warns(DamagedCheckpointWarning, match=add_best) as warned:
        assert newest(tmp_path) is None
    assert len(warned) == 2


def test_a_checkpoint_of_a_newer_version_is_refused(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(digests, "FORMAT", 2)
        add(tmp_path, 1)
    with pytest.raises(files.NewerFormat, match="step_000000001 has format 2"):
        newest(tmp_path)


def test_a_manifest_that_names_files_elsewhere_is_refused(tmp_path):
    add(tmp_path, 1)
    path = tmp_path / "step_000000001/manifest.json"
    manifest = files.read_json(path)
    manifest["files"]["../current.json"] = {}
    files.write_json(path, manifest)
    (tmp_path / "current.json").unlink()
    with pytest.warns(DamagedCheckpointWarning, match=r"names '\.\./current\.json'"):
        assert newest(tmp_path) is None


@pytest.mark.parametrize("operation", ["open", "write", "fsync", "mkdir", "replace"])
def test_a_full_disk_is_one_line_and_nothing_is_lost(tmp_path, monkeypatch, operation):
    add(tmp_path, 1)
    before = names(tmp_path)
    with monkeypatch.context() as patch:
        real = getattr(os, operation)

        def full(*arguments, **named):
            # The lock of a temporary folder is read only, and is taken first.
            if operation == "open" and not arguments[1] & os.O_CREAT:
                return real(*arguments, **named)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        patch.setattr(os, operation, full)
        with pytest.raises(
            InputError, match=r"does not take a checkpoint \(No space left"
        ) as error:
            add(tmp_path, 2)
    assert "\n" not in str(error.value)
    assert names(tmp_path) == before
    assert newest(tmp_path).state["step"] == 1


def test_a_full_disk_at_the_pointer_leaves_the_old_one_current(tmp_path, monkeypatch):
    add(tmp_path, 1)

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_json", full)
        with pytest.raises(InputError, match="what was saved before is whole"):
            add(tmp_path, 2)
    assert newest(tmp_path).state["step"] == 1


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file' is no folder"):
        add(tmp_path / "file", 1)


def test_reading_writes_nothing(tmp_path):
    add(tmp_path, 1, 2, best=1)
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        newest(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == stamps
