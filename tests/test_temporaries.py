"""What killed processes left is removed, and what others write stays."""

import os
import signal

import pytest

from iin_tf import files, temporaries
from iin_tf.temporaries import sweep

# Holds a temporary file and a temporary directory until it is killed.
HOLD = """
import sys, time
from pathlib import Path
from iin_tf import files
root = Path(sys.argv[1])
with files.whole_file(root / "a.txt") as a, files.whole_directory(root / "deep" / "b") as b:
    a.write_text("half")
    (b / "c").write_text("half")
    print("holds", flush=True)
    time.sleep(600)
"""


def everything(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_stays(holder, tmp_path):
    before = everything(tmp_path)
    assert sweep(tmp_path) == []
    assert everything(tmp_path) == before
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert sorted(path.name.split(".unfinished.")[0] for path in sweep(tmp_path)) == [
        ".a.txt",
        ".b",
    ]
    assert everything(tmp_path) == ["deep"]


def test_what_this_process_writes_stays_also_at_another_depth(tmp_path):
    with files.whole_directory(tmp_path / "a") as directory:
        assert sweep(tmp_path) == []
        (directory / "b").write_text("")
    assert everything(tmp_path) == ["a", "a/b"]


@pytest.mark.parametrize(
    "name", [".a.unfinished", "a.unfinished.x", ".hidden", ".unfinished.x", ".a.unfinished.x.y"]
)
def test_what_is_not_ours_stays(tmp_path, name):
    (tmp_path / name).mkdir()
    assert sweep(tmp_path) == []


def test_there_may_be_nothing_to_sweep(tmp_path):
    assert sweep(tmp_path / "none") == []


def test_a_sweep_between_making_a_folder_and_its_lock_does_no_harm(tmp_path, monkeypatch):
    made, real = [], temporaries.tempfile.mkdtemp

    def swept_at_once(**arguments):
        made.append(real(**arguments))
        if len(made) == 1:
            assert len(sweep(tmp_path)) == 1
        return made[-1]

    monkeypatch.setattr(temporaries.tempfile, "mkdtemp", swept_at_once)
    files.write_text(tmp_path / "a.txt", "whole")
    assert everything(tmp_path) == ["a.txt"]
    assert len(made) == 2


def replaced(path, text):
    with files.whole_directory(path) as directory:
        (directory / "text").write_text(text)


@pytest.mark.parametrize("exchanges", [True, False])
def test_a_directory_takes_the_place_of_another(tmp_path, monkeypatch, exchanges):
    if not exchanges:
        monkeypatch.setattr(temporaries, "_exchange", lambda *_: False)
    for text in ("one", "two", "three"):
        replaced(tmp_path / "a", text)
    assert everything(tmp_path) == ["a", "a/text"]
    assert (tmp_path / "a/text").read_text() == "three"


def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there/text").write_text("kept")
    (tmp_path / "a").symlink_to("there")
    replaced(tmp_path / "a", "new")
    assert (tmp_path / "there/text").read_text() == "kept"
    assert (tmp_path / "a/text").read_text() == "new"
    assert everything(tmp_path) == ["a", "a/text", "there", "there/text"]


class Killed(BaseException):
    pass


def kill_at_replace(monkeypatch, count):
    """Makes the `count`-th `os.replace` the last that its process does: nothing is tidied up."""
    calls, real = [], os.replace

    def call(*arguments):
        calls.append(1)
        if len(calls) == count:
            monkeypatch.setattr(temporaries.shutil, "rmtree", lambda *_, **__: None)
            raise Killed
        return real(*arguments)

    monkeypatch.setattr(temporaries.os, "replace", call)


@pytest.mark.parametrize("count", [1, 2])
def test_a_directory_on_its_way_out_comes_back_where_its_process_is_killed(
    tmp_path, monkeypatch, count
):
    path = tmp_path / "a"
    replaced(path, "old")
    with monkeypatch.context() as patch:
        patch.setattr(temporaries, "_exchange", lambda *_: False)
        kill_at_replace(patch, count)
        with pytest.raises(Killed):
            replaced(path, "new")
    assert path.exists() == (count == 1)
    assert len(sweep(tmp_path)) == 1
    assert everything(tmp_path) == ["a", "a/text"]
    assert (path / "text").read_text() == "old"


def test_at_no_moment_is_there_no_directory(tmp_path, monkeypatch):
    path, real = tmp_path / "a", os.replace
    replaced(path, "old")
    # One step exchanges both names: no rename takes the old one away first.
    monkeypatch.setattr(
        temporaries.os, "replace", lambda *names: pytest.fail(f"{names} are renamed")
    )
    replaced(path, "new")
    assert (path / "text").read_text() == "new"
    assert real is not os.replace


def test_on_linux_both_names_change_places_in_one_step(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text("")
    assert temporaries._exchange(tmp_path / "one", tmp_path / "two")
    assert everything(tmp_path) == ["one", "one/two", "two", "two/one"]
    with pytest.raises(FileNotFoundError):
        temporaries._exchange(tmp_path / "one", tmp_path / "none")
