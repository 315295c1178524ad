"""Kills a writer of checkpoints at every operation on files, and looks at what it left.

A program of its own, without TensorFlow, so that it can fork: the child writes and is killed by
SIGKILL before or in the middle of its k-th operation; the parent reads.  Prints how many
operations there were.
"""

# ruff: noqa: B023 (a child runs before the loop goes on)

import os
import shutil
import sys
from pathlib import Path

import numpy as np
from operations import counted

from iin_tf.training.checkpoint_folder import CheckpointFolder


def checkpoint(step):
    """Arrays and state of one step; the best is the second checkpoint."""
    arrays = {"model": {"0": np.full(5000, step, np.float32)}, "random": {"key": np.arange(step)}}
    return arrays, {"step": step, "best": {"step": min(step, 2)}}


def in_child(work):
    """The exit status of a fork that does `work`."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def write_next(directory, step, kill_at=0, moment="before", count=None):
    folder = CheckpointFolder(directory, keep=2)
    folder.newest()
    counted(kill_at, moment, count or [0])
    folder.add(*checkpoint(step))


def check(directory, steps):
    """What is read is whole, and one of `steps`."""
    found = CheckpointFolder(directory, keep=2).newest()
    step = 0 if found is None else found.state["step"]
    assert step in steps, (step, steps)
    if found is not None:
        arrays, state = checkpoint(step)
        assert found.state == state
        for group, some in arrays.items():
            for name, array in some.items():
                np.testing.assert_array_equal(found.arrays[group][name], array)
    return step


def kill_everywhere(root, step, moment):
    """Kills the writing of checkpoint `step` at each operation; how many there are."""
    before = root / "before"
    in_child(lambda: [write_next(before, old) for old in range(1, step)])
    kills, status = 0, 1
    while status:
        kills += 1
        directory = root / "try"
        shutil.rmtree(directory, ignore_errors=True)
        if before.exists():
            shutil.copytree(before, directory)
        status = in_child(lambda: write_next(directory, step, kills, moment))
        seen = check(directory, (step,) if not status else (step - 1, step))
        # The same command goes on, and leaves nothing of the dead behind.
        assert (
            in_child(lambda: [write_next(directory, on) for on in range(seen + 1, step + 2)]) == 0
        )
        check(directory, (step + 1,))
        names = sorted(path.name for path in directory.iterdir())
        assert names == [
            "current.json",
            *(f"step_{on:09d}" for on in sorted({min(step, 2), 2, step, step + 1})),
        ], names
    shutil.rmtree(before, ignore_errors=True)
    return kills - 1


if __name__ == "__main__":
    root = Path(sys.argv[1])
    total = sum(
        kill_everywhere(root, step, moment) for step in (1, 4) for moment in ("before", "middle")
    )
    print(total)
