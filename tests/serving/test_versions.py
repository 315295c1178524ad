import concurrent.futures
import subprocess
import sys
import threading

import pytest

from iin_tf.serving import versions
from iin_tf.serving.versions import add_version


def writes(text):
    return lambda directory: (directory / "content").write_text(text)


def content(version):
    return (version / "content").read_text()


def test_versions_count_up_from_one(tmp_path):
    path = tmp_path / "models" / "name"
    made = [add_version(path, writes(text)) for text in "abc"]
    assert made == [path / "1", path / "2", path / "3"]
    assert [content(version) for version in made] == ["a", "b", "c"]
    assert sorted(entry.name for entry in path.iterdir()) == ["1", "2", "3"]


def test_the_next_version_is_above_the_highest(tmp_path):
    # A gap is no free number: servers serve the highest.
    for name in ("2", "9", "best", ".export.left", "1.5"):
        (tmp_path / name).mkdir()
    assert add_version(tmp_path, writes("new")) == tmp_path / "10"


def test_a_version_that_appears_meanwhile_is_not_overwritten(tmp_path, monkeypatch):
    add_version(tmp_path, writes("first"))
    numbers = iter([1, 2])
    monkeypatch.setattr(versions, "_next_number", lambda path: next(numbers))
    assert add_version(tmp_path, writes("second")) == tmp_path / "2"
    assert content(tmp_path / "1") == "first"


def test_exports_at_the_same_time_get_their_own_numbers(tmp_path):
    barrier = threading.Barrier(8)

    def export(number):
        def write(directory):
            writes(str(number))(directory)
            barrier.wait()

        return add_version(tmp_path, write)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(export, range(8)))
    assert sorted(int(version.name) for version in made) == list(range(1, 9))
    assert [content(version) for version in made] == [str(number) for number in range(8)]


def test_a_failure_leaves_nothing_behind(tmp_path):
    def fail(directory):
        writes("half")(directory)
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        add_version(tmp_path / "new", fail)
    assert not (tmp_path / "new").exists()

    version = add_version(tmp_path / "old", writes("whole"))
    with pytest.raises(RuntimeError, match="disk full"):
        add_version(tmp_path / "old", fail)
    assert list((tmp_path / "old").iterdir()) == [version]
    assert content(version) == "whole"


def test_anybody_may_read_a_version(tmp_path):
    assert add_version(tmp_path, writes("a")).stat().st_mode & 0o777 == 0o755


DYING = """
import os, signal, sys
from iin_tf.serving.versions import add_version
def write(directory):
    (directory / "half").write_text("written")
    print("here", flush=True)
    if sys.argv[2] == "wait":
        sys.stdin.read()
    os.kill(os.getpid(), signal.SIGKILL)
add_version(sys.argv[1], write)
"""


def exporting(path, how):
    command = [sys.executable, "-c", DYING, str(path), how]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(command, **pipes)
    assert process.stdout.readline() == b"here\n"
    return process


def test_the_next_export_removes_what_a_killed_one_left(tmp_path):
    with exporting(tmp_path, "die") as process:
        process.wait()
    assert [entry.name[:20] for entry in tmp_path.iterdir()] == [".version.unfinished."]
    assert add_version(tmp_path, writes("whole")) == tmp_path / "1"
    assert [entry.name for entry in tmp_path.iterdir()] == ["1"]


def test_an_export_that_is_alive_keeps_its_directory(tmp_path):
    with exporting(tmp_path, "wait") as process:
        add_version(tmp_path, writes("whole"))
        assert len(list(tmp_path.glob(".version.unfinished.*/new/half"))) == 1
        process.stdin.close()
        process.wait()
