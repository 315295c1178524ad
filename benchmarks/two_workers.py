#!/usr/bin/env python3
"""How far training by two workers moves from training by one process, and what kills add to it.

Trains configs/smoke.py four times from one first stage: by one process; by one process whose
learning rate is the next float32, as small a change as there is; by two workers; and by two workers
that are killed in turn and started again.  Prints a Markdown table of the largest difference in any
weight after so many steps.

  python benchmarks/two_workers.py --steps=2000 --kills=10
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from absl import app, flags

from iin_tf.experiment import load_config
from iin_tf.results.markdown import markdown

_STEPS = flags.DEFINE_integer("steps", 2000, "Of training, a multiple of 50.")
_KILLS = flags.DEFINE_integer("kills", 10, "Of the two workers together, in turn.")
_ROOT = Path(__file__).parents[1]
_CONFIG = _ROOT / "configs" / "smoke.py"
_PER_EPOCH = 50
_ROWS = (50, 100, 300, 1000, 2000)


def main(argv):
    if argv[1:]:
        sys.exit(f"two_workers.py takes no arguments but flags; got {argv[1:]}")
    with tempfile.TemporaryDirectory(prefix="two_workers") as root:
        start = Path(root, "start")
        for name in ("train_first_stage", "encode", "estimate_sizes"):
            done(start_program(f"iin_{name}", start))
        alone, nudged, two, killed = (
            shutil.copytree(start, start.with_name(name))
            for name in ("alone", "nudged", "two", "killed")
        )
        nudge = f"--config.training.learning_rate={next_rate()}"
        done(start_program("iin_train", alone), start_program("iin_train", nudged, nudge))
        done(*start_workers(two))
        processes = start_workers(killed, f"--supervise={2 * _KILLS.value}")
        kill_in_turn(killed, processes)
        done(*processes)
        steps = [step for step in _ROWS if step < _STEPS.value] + [_STEPS.value]
        pairs = [(alone, nudged), (alone, two), (two, killed)]
        table = [[step, *(apart(*pair, step) for pair in pairs)] for step in steps]
    header = ["steps", "one process, the next learning rate", "two workers and one process"]
    print(markdown([*header, f"two workers, {_KILLS.value} kills and none"], table))


def next_rate():
    """The next float32 after the config's learning rate."""
    rate = np.float32(load_config(str(_CONFIG)).training.learning_rate)
    return repr(float(np.nextafter(rate, np.float32(1))))


def start_program(name, workdir, *flags, environment=None):
    """A process of the program, its output in workdir.log."""
    command = [
        sys.executable, _ROOT / "bin" / name, f"--config={_CONFIG}",
        f"--workdir={workdir}", f"--config.training.steps={_STEPS.value}",
        f"--config.training.steps_per_epoch={_PER_EPOCH}",
        # To the last step, though held-out figures may get worse.
        f"--config.training.patience={_STEPS.value}",
        # Each end of an epoch stays, to be compared.
        f"--config.checkpoints.keep={_STEPS.value // _PER_EPOCH + 1}",
        "--config.checkpoints.minutes=0", *flags,
    ]  # fmt: skip
    known = {"PYTHONPATH": str(_ROOT), "TF_CPP_MIN_LOG_LEVEL": "2"}
    with open(f"{workdir}.log", "a") as log:
        return subprocess.Popen(
            command,
            env={**os.environ, **known, **(environment or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def start_workers(workdir, *flags):
    """The processes of two workers, the chief first."""
    workers = [f"localhost:{port}" for port in free_ports(2)]
    tasks = [{"type": "worker", "index": index} for index in range(2)]
    return [
        start_program(
            "iin_train",
            workdir,
            "--strategy=multi_worker",
            *flags,
            environment={"TF_CONFIG": json.dumps({"cluster": {"worker": workers}, "task": task})},
        )
        for task in tasks
    ]


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("localhost", 0))
        return [one.getsockname()[1] for one in sockets]


def done(*processes):
    """Waits for processes; none of them may fail."""
    codes = [process.wait() for process in processes]
    if any(codes):
        raise RuntimeError(f"{processes[codes.index(max(codes))].args} left with {max(codes)}")


def kill_in_turn(workdir, processes):
    """SIGKILL to what one of the two supervises, each time that training has gone on."""
    between = _STEPS.value // (_KILLS.value + 1)
    for number in range(_KILLS.value):
        while newest_step(workdir) < between * (number + 1):
            if any(process.poll() is not None for process in processes):
                raise RuntimeError(f"a worker has ended: {Path(f'{workdir}.log').read_text()}")
            time.sleep(0.02)
        os.kill(child_of(processes[number % 2]), signal.SIGKILL)
        print(f"kill {number + 1} after step {newest_step(workdir)}", file=sys.stderr, flush=True)


def child_of(process):
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while not (found := path.read_text().split()):
        # It is between two starts.
        time.sleep(0.05)
    return int(found[0])


def newest_step(workdir):
    path = workdir / "checkpoints/current.json"
    return int(json.loads(path.read_text())[0]["name"].split("_")[1]) if path.exists() else 0


def apart(one, other, step):
    """The largest difference in any weight after that step."""
    names = [workdir / f"checkpoints/step_{step:09d}/model.npz" for workdir in (one, other)]
    with np.load(names[0]) as first, np.load(names[1]) as second:
        weights = [name for name in first if first[name].dtype.kind == "f"]
        most = max(np.abs(first[name] - second[name]).max(initial=0) for name in weights)
    return "bit-equal" if most == 0 else f"{most:.0e}"


if __name__ == "__main__":
    app.run(main)
