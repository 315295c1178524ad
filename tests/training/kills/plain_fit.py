"""Plain `fit` of a Keras model: `Checkpoints` beside Keras's BackupAndRestore."""

import collections
import json
import os
import random
import shutil
import signal
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from child import Child

from iin_tf.training import Checkpoints

EPOCHS, PER_EPOCH = 4, 3
KINDS = ("Checkpoints", "BackupAndRestore", "BackupAndRestore, double_checkpoint")
SAME, OTHER, NEVER = "bit-equal", "other weights, exit code 0", "never goes on"


def batches(start):
    """Batch number t is a function of t."""

    def make(step):
        x = tf.random.stateless_normal([8, 3], [7, tf.cast(step, tf.int32)])
        return x, tf.reduce_sum(x, axis=1, keepdims=True)

    return tf.data.Dataset.counter(start).map(make)


def fit(kind, dropout, end_at=None):
    """A function that trains, and goes on from what is there; may end itself after an epoch."""

    def work():
        keras.utils.set_random_seed(0)
        layers = [keras.layers.Input((3,)), keras.layers.Dense(2)]
        layers += [keras.layers.Dropout(0.5, seed=1)] if dropout else []
        model = keras.Sequential([*layers, keras.layers.Dense(1)])
        model.compile(keras.optimizers.Adam(0.1), "mse")
        start, saving = _saver(kind)
        callbacks = [saving, keras.callbacks.LambdaCallback(on_epoch_end=_ending(end_at))]
        model.fit(
            batches(start),
            epochs=EPOCHS,
            steps_per_epoch=PER_EPOCH,
            shuffle=False,
            callbacks=callbacks,
            verbose=0,
        )
        np.savez("final.npz", *model.get_weights())

    return work


def _ending(end_at):
    def stop(epoch, _):
        if epoch == end_at:
            os.kill(os.getpid(), signal.SIGKILL)

    return stop


def _saver(kind):
    """Where the data begin, and the callback."""
    if kind == "Checkpoints":
        made = Checkpoints("saved")
        return made.step, made
    made = keras.callbacks.BackupAndRestore(
        "saved", double_checkpoint="double" in kind, delete_checkpoint=False
    )
    # What somebody does who wants the data to go on where the weights are.
    path = Path("saved/training_metadata.json")
    return PER_EPOCH * json.loads(path.read_text())["epoch"] if path.exists() else 0, made


def kill_fit(kills, seed):
    """(kind, dropout, what happened) -> counts of outcomes."""
    draw, table = random.Random(seed), {}
    with tempfile.TemporaryDirectory(prefix="iin_fit") as root:
        for dropout in (False, True):
            for kind in KINDS:
                table |= _one_kind(Path(root), kind, dropout, kills, draw)
    return table


def _one_kind(root, kind, dropout, kills, draw):
    whole = Child(fit(kind, dropout), _fresh(root / "whole"))
    with np.load(root / "whole/final.npz") as file:
        expected = dict(file)
    hows = [("operation", at) for at in range(1, whole.operations + 1)][:: _step(whole, kills)]
    hows += [("random", draw.uniform(0, whole.seconds)) for _ in range(kills)]
    found = {name: collections.Counter() for name in ("killed", "damaged")}
    for how in hows:
        directory = _fresh(root / "try")
        if Child(fit(kind, dropout), directory, how).code == -signal.SIGKILL:
            found["killed"][_outcome(directory, kind, dropout, expected)] += 1
    stopped = _fresh(root / "stopped")
    Child(fit(kind, dropout, end_at=2), stopped)
    for directory in _damages(root, stopped):
        found["damaged"][_outcome(directory, kind, dropout, expected)] += 1
    model = "with Dropout" if dropout else "without"
    for name, counts in found.items():
        print(kind, model, name, dict(counts), flush=True)
    return {(kind, model, name): counts for name, counts in found.items()}


def _step(whole, kills):
    return max(1, whole.operations // kills)


def _outcome(directory, kind, dropout, expected):
    (directory / "log").unlink(missing_ok=True)
    if Child(fit(kind, dropout), directory).code:
        return NEVER
    with np.load(directory / "final.npz") as file:
        same = all(np.array_equal(file[name], expected[name]) for name in expected)
    return SAME if same else OTHER


def _fresh(directory):
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    return directory


def _damages(root, stopped):
    """Copies of a stopped run with one file of its newest state damaged."""
    saved = sorted(stopped.glob("saved/step_*"))[-1:] or [stopped / "saved"]
    for path in sorted(path for path in saved[0].iterdir() if path.is_file()):
        content = path.read_bytes()
        half = len(content) // 2
        flipped = bytes([*content[:half], content[half] ^ 1, *content[half + 1 :]])
        for damaged in (content[:half], flipped, b""):
            directory = root / "try"
            shutil.rmtree(directory, ignore_errors=True)
            shutil.copytree(stopped, directory)
            (directory / path.relative_to(stopped)).write_bytes(damaged)
            yield directory


def as_table(table):
    """Markdown, and whether `Checkpoints` lost anything."""
    lines = [
        f"| callback | model | what | times | {SAME} | {OTHER} | {NEVER} |",
        "| --- " * 7 + "|",
    ]
    for key, counts in table.items():
        cells = [counts[name] for name in (SAME, OTHER, NEVER)]
        lines.append(f"| {' | '.join(key)} | {counts.total()} | {' | '.join(map(str, cells))} |")
    wrong = any(
        counts.total() != counts[SAME]
        for (kind, *_), counts in table.items()
        if kind == "Checkpoints"
    )
    return "\n".join(lines), wrong
