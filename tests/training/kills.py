"""Kills stages of an experiment, and looks at how they end; prints a table.

    python tests/training/kills.py --kills=100 --terms=20 --minutes=10

A process that has imported TensorFlow and started nothing forks for every run, so that a run
costs its own work alone.  Half of the SIGKILLs come at a random moment, half at one of the
operations on files.  A run is killed up to three times before it may end; it must end as the one
that nothing disturbed, to the last bit.
"""

import argparse
import builtins
import collections
import contextlib
import hashlib
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import h5py
from kill_at_every_step import counted

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

from iin_tf import interruption
from iin_tf.experiment import default_config, run_stages, shrunk
from iin_tf.experiment.experiment import Experiment  # noqa: F401 (all that a run imports)

STAGES = ("pretrain", "encode", "sizes", "train", "evaluate", "export", "baselines")
SETTINGS = {
    "first_stage.steps": 20,
    "sizes.compare_steps": 10,
    "training.steps": 12,
    "training.steps_per_epoch": 4,
    "evaluation.judge_steps": 10,
    "baselines.steps": 10,
    "checkpoints.steps": 2,
}


def config():
    made = shrunk(default_config())
    for path, value in SETTINGS.items():
        section, key = path.split(".")
        made[section][key] = value
    made.data.test_views = 1
    return made


def stage_work(stage):
    def work():
        run_stages(config(), "run", [stage])

    return work


class Child:
    """A fork that does `work` in `directory`, killed as `how` says: its status, and time."""

    def __init__(self, work, directory, how=("none", 0)):
        started = time.monotonic()
        self.operations = 0
        counts = directory / "operations"
        process = os.fork()
        if process == 0:
            self._run(work, directory, how, counts)
        timer = None
        if how[0] in ("random", "term"):
            number = signal.SIGKILL if how[0] == "random" else signal.SIGTERM
            timer = threading.Timer(how[1], lambda: self._send(process, number))
            timer.start()
        _, status = os.waitpid(process, 0)
        if timer is not None:
            timer.cancel()
        self.code = os.waitstatus_to_exitcode(status)
        self.seconds = time.monotonic() - started
        if counts.exists():
            self.operations = int(counts.read_text())
            counts.unlink()

    @staticmethod
    def _send(process, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)

    @staticmethod
    def _run(work, directory, how, counts):
        code = 1
        try:
            os.chdir(directory)
            log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            count = [0]
            counted(how[1] if how[0] == "operation" else 0, "before", count)
            count_opened(how[1] if how[0] == "operation" else 0, count)
            with interruption.at_once():
                work()
            code = 0
            Path(counts).write_text(str(count[0]))
        except interruption.Interrupted as error:
            code = error.code
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)


def count_opened(kill_at, count):
    """What Python opens to write is an operation too: what it then writes is out of reach."""
    real = builtins.open

    def call(file, mode="r", *arguments, **named):
        if set(mode) & set("wax+"):
            count[0] += 1
            if count[0] == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return real(file, mode, *arguments, **named)

    builtins.open = call


def contents(directory):
    """What a run came to: name -> digest, or whatever says the same."""
    found = {}
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        if path.is_dir() or "checkpoints" in name or path.suffix in (".html", ".pb", ".tfevents"):
            continue
        if "tfevents" in name or path.name == ".lock" or "fingerprint" in name:
            continue
        if "saved_models" in name:
            continue
        found[name] = digest_keras(path) if path.suffix == ".keras" else digest(path.read_bytes())
    for run in ("", "train", "validation"):
        found[f"tensorboard/{run}"] = events(directory / "run/tensorboard" / run)
    return found


def digest(content):
    return hashlib.sha256(content).hexdigest()


def digest_keras(path):
    """Of the arrays: the file itself has a date in it."""
    parts = []
    with (
        zipfile.ZipFile(path) as file,
        file.open("model.weights.h5") as weights,
        h5py.File(weights) as arrays,
    ):
        arrays.visititems(
            lambda name, item: (
                parts.append(f"{name} {digest(item[()].tobytes())}")
                if isinstance(item, h5py.Dataset)
                else None
            )
        )
    return digest("\n".join(parts).encode())


def events(directory):
    values = []
    for path in sorted(directory.glob("events*")):
        for record in tf.compat.v1.io.tf_record_iterator(str(path)):
            event = tf.compat.v1.Event.FromString(record)
            for value in event.summary.value:
                values.append(f"{event.step} {digest(value.SerializeToString())}")
    return sorted(values)


def strays(directory):
    return [str(path) for path in directory.rglob("*")
            if ".unfinished." in path.name or path.name == "parts"]  # fmt: skip


def undisturbed(root):
    """Stage -> (folder before it, contents after it, operations, seconds)."""
    whole = root / "whole"
    whole.mkdir()
    found = {}
    for stage in STAGES:
        before = root / f"before_{stage}"
        shutil.copytree(whole, before)
        child = Child(stage_work(stage), whole)
        if child.code:
            raise SystemExit((whole / "log").read_text()[-3000:])
        (whole / "log").unlink()
        found[stage] = (before, contents(whole), child.operations, child.seconds)
        print(f"{stage}: {child.operations} operations, {child.seconds:.0f} s", flush=True)
    return found


def kill_stages(kills, terms, minutes, seed, stages):
    draw, root = random.Random(seed), Path(tempfile.mkdtemp(prefix="iin_kills"))
    known = undisturbed(root)
    table = {stage: collections.Counter() for stage in stages}
    end = time.monotonic() + 60 * minutes
    sent = 0
    while sent < kills + terms and time.monotonic() < end:
        stage = stages[sent % len(stages)] if sent < 2 * len(stages) else draw.choice(stages)
        sent += disturb(
            root / "try", stage, known[stage], draw, table[stage], terms / (kills + terms)
        )
    shutil.rmtree(root)
    return table


def disturb(directory, stage, known, draw, counts, share_of_terms):
    """One run of a stage, killed up to three times; how often it was."""
    before, expected, operations, seconds = known
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(before, directory)
    sent = 0
    for _ in range(3):
        if draw.random() < share_of_terms:
            how = ("term", draw.uniform(0, seconds))
        elif draw.random() < 0.5:
            how = ("operation", draw.randint(1, max(1, operations)))
        else:
            how = ("random", draw.uniform(0, seconds))
        child = Child(stage_work(stage), directory, how)
        if child.code == 0:
            break
        if child.code not in (-signal.SIGKILL, 143):
            counts["wrong code"] += 1
            print((directory / "log").read_text()[-2000:], child.code, how)
        counts[how[0]] += 1
        sent += 1
    else:
        child = Child(stage_work(stage), directory)
    if child.code:
        print((directory / "log").read_text()[-3000:])
        counts["not resumed"] += 1
        return sent
    (directory / "log").unlink()
    found = contents(directory)
    differs = [name for name in {*found, *expected} if found.get(name) != expected.get(name)]
    counts["runs"] += 1
    counts["bit-equal"] += not differs
    if differs:
        print(stage, "differs in", sorted(differs)[:5])
    left = strays(directory)
    counts["strays"] += len(left)
    if left:
        print(left)
    return sent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--terms", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stages", nargs="*", default=list(STAGES))
    given = parser.parse_args()
    table = kill_stages(given.kills, given.terms, given.minutes, given.seed, given.stages)
    names = (
        "operation",
        "random",
        "term",
        "runs",
        "bit-equal",
        "not resumed",
        "wrong code",
        "strays",
    )
    print(f"| stage | {' | '.join(names)} |")
    for stage, counts in table.items():
        print(f"| {stage} | {' | '.join(str(counts[name]) for name in names)} |")
    wrong = sum(counts[name] for counts in table.values() for name in names[-3:])
    sys.exit(int(wrong or any(one["runs"] != one["bit-equal"] for one in table.values())))


if __name__ == "__main__":
    main()
