"""Errors of a disk are told from the library's, whoever raises them."""

import errno
import os

import pytest

from iin_tf.experiment import program
from iin_tf.experiment.disk_faults import disk_fault


def full():
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "run/x.npz")


def raised_from(cause):
    try:
        raise RuntimeError("writing failed") from cause
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (full(), "(run/x.npz): No space left on device; free space"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "Read-only file system; give a folder"),
        # As h5py and TensorFlow say it, without a number.
        (OSError("Can't write data (error message = 'No space left on device')"), "No space"),
        (raised_from(full()), "(run/x.npz): No space left on device"),
    ],
)
def test_a_disk_that_takes_nothing_is_named(error, words):
    said = disk_fault(error)
    assert words in said
    assert "the same command goes on from it" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "error", [ValueError("no"), OSError(errno.ENOENT, "No such file", "x"), KeyError(28)]
)
def test_other_errors_are_not_the_disk(error):
    assert disk_fault(error) is None


def test_programs_leave_with_2(capsys):
    def work(_):
        raise full()

    with pytest.raises(SystemExit) as left:
        program._guarded(work, [])
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
