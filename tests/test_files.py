"""Files and directories are written whole or not at all."""

import os
import stat
import subprocess
import sys
import zlib

import pytest

from iin_tf import files
from iin_tf.checks import InputError


class Interrupted(Exception):
    pass


def write_half(path):
    path.write_text("half")
    raise Interrupted


def test_a_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "deep" / "a.tar.gz"
    with files.whole_file(path) as temporary:
        assert temporary.name.endswith(".tar.gz")
        temporary.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new"
    assert os.listdir(path.parent) == ["a.tar.gz"]


def test_an_error_keeps_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(Interrupted), files.whole_file(path) as temporary:
        write_half(temporary)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_file_has_the_usual_rights(tmp_path):
    plain, whole = tmp_path / "plain", tmp_path / "whole"
    plain.write_text("")
    files.write_text(whole, "")
    assert stat.S_IMODE(whole.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


@pytest.mark.parametrize("existing", [False, True])
def test_a_directory_is_replaced_when_it_is_whole(tmp_path, existing):
    path = tmp_path / "deep" / "model"
    if existing:
        path.mkdir(parents=True)
        (path / "old").write_text("old")
    with files.whole_directory(path) as temporary:
        (temporary / "new").write_text("new")
        assert path.exists() == existing
    assert os.listdir(path) == ["new"]
    assert os.listdir(path.parent) == ["model"]


def test_an_error_keeps_the_old_directory(tmp_path):
    path = tmp_path / "model"
    path.mkdir()
    (path / "old").write_text("old")
    with pytest.raises(Interrupted), files.whole_directory(path) as temporary:
        write_half(temporary / "half")
    assert os.listdir(path) == ["old"]
    assert os.listdir(tmp_path) == ["model"]


def test_json_comes_back(tmp_path):
    value = {"a": [1, 2.5, None, True], "b": {"ü": "x"}}
    files.write_json(tmp_path / "a.json", value)
    assert files.read_json(tmp_path / "a.json") == value


def test_json_that_nobody_can_read_is_refused(tmp_path):
    path = tmp_path / "a.json"
    files.write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        files.write_json(path, {"a": float("nan")})
    assert files.read_json(path) == {"a": 1}


_WRITER = """
import os, signal, sys
from iin_tf import files
from iin_tf.checks import InputError
with getattr(files, sys.argv[1])(sys.argv[2]) as temporary:
    print("in it", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("kind", ["whole_file", "whole_directory"])
def test_what_killed_writers_left_is_swept_by_the_next(tmp_path, kind):
    path, other = tmp_path / "a[1].npy", tmp_path / ".a[1].npy.notes.txt"
    other.write_text("mine")
    for _ in range(2):
        subprocess.run([sys.executable, "-c", _WRITER, kind, path], stdout=subprocess.PIPE)
    assert len(os.listdir(tmp_path)) == 3
    with getattr(files, kind)(path) as temporary:
        if kind == "whole_file":
            temporary.write_text("new")
    assert sorted(os.listdir(tmp_path)) == sorted([path.name, other.name])


def test_a_writer_that_lives_is_not_swept(tmp_path):
    path = tmp_path / "a.txt"
    with files.whole_file(path) as alive:
        alive.write_text("later")
        files.write_text(path, "quicker")
        assert path.read_text() == "quicker"
    assert path.read_text() == "later"


@pytest.mark.parametrize("error", [EOFError("a"), KeyError("b"), zlib.error("c"), RecursionError()])
def test_what_cannot_be_read_is_named(error):
    with pytest.raises(InputError, match=r"z.npy cannot be read \(.*copy"), files.reading("z.npy"):
        raise error
