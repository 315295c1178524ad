#!/usr/bin/env python3
"""Time to the quickstart's held-out figures, beside plain PyTorch on the same pairs.

Needs a finished quickstart:  bin/quickstart  (its first stage, latents and sizes are used).
Prints a Markdown table; writes quickstart.md to --output.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from absl import app, flags
from workers import Worker, opened

from iin_tf import files
from iin_tf.evaluation import tables

NAMES = ("iin_tf", "iin_tf_bfloat16", "torch")

_WORKDIR = flags.DEFINE_string("workdir", "runs/quickstart", "Of a finished quickstart.")
_OUTPUT = flags.DEFINE_string("output", "runs/benchmarks", "Directory of the results.")
_STEPS = flags.DEFINE_integer("steps", 2500, "Training steps of each contender.")
_TURN = flags.DEFINE_integer("turn", 125, "Steps before it is the next contender's turn.")


def main(argv):
    if argv[1:]:
        sys.exit(f"quickstart.py takes no arguments but flags; got {argv[1:]}")
    if not Path(_WORKDIR.value, "factor_sizes.json").exists():
        sys.stderr.write(f"{_WORKDIR.value} holds no finished quickstart; run bin/quickstart\n")
        sys.exit(2)
    workers = {
        name: Worker(
            "quickstart_measures:TrainingMeasures",
            name=name,
            workdir=_WORKDIR.value,
            steps=_STEPS.value,
        )
        for name in NAMES
    }
    with opened(workers):
        seconds = train(workers)
        table = as_table(seconds, *evaluate(workers))
    print(table)
    files.write_text(Path(_OUTPUT.value) / "quickstart.md", table)


def train(workers):
    """Seconds of each turn, contenders taking turns: name -> list."""
    seconds = {name: [] for name in workers}
    for turn in range(_STEPS.value // _TURN.value):
        for name, worker in workers.items():
            seconds[name].append(worker.call("train", steps=_TURN.value))
        print(f"{(turn + 1) * _TURN.value} steps", file=sys.stderr, flush=True)
    return seconds


def evaluate(workers):
    """Held-out nll and swap figures of each: two mappings by name."""
    # Here, so that a wrong flag is told at once.
    from quickstart_measures import experiment_of

    from iin_tf import FactorLayout
    from iin_tf.experiment.held_out import measure_swaps, train_judges

    experiment = experiment_of(_WORKDIR.value)
    judges = train_judges(experiment)
    nll = {name: worker.call("marginal_nll") for name, worker in workers.items()}
    layout = FactorLayout(**files.read_json(Path(_WORKDIR.value, "factor_sizes.json"))["used"])
    swaps = {
        name: measure_swaps(experiment, _Remote(worker, layout), judges)
        for name, worker in workers.items()
    }
    return nll, swaps


class _Remote:
    """A network in another process, as far as swaps need one."""

    def __init__(self, worker, layout):
        self.worker, self.layout = worker, layout

    def swap(self, z, donors, factors):
        import tensorflow as tf

        with tempfile.TemporaryDirectory() as directory:
            np.save(Path(directory, "z.npy"), z)
            np.save(Path(directory, "donors.npy"), donors)
            path = str(Path(directory, "edited.npy"))
            self.worker.call("swap", path=path, block=factors[0])
            return tf.constant(np.load(path))


def as_table(seconds, nll, swaps):
    header = ["contender", f"training, {_STEPS.value} steps", "of torch", "nll/test"]
    header += ["digit, donor", "color, recipient error", "digit kept, color exchanged"]
    rows = []
    for name, turns in seconds.items():
        ratio = np.median(np.divide(turns, seconds["torch"]))
        figures = [
            swaps[name][f"swap/{key}"]
            for key in ("digit/digit/donor", "digit/color/recipient_error", "color/digit/recipient")
        ]
        rows.append([name, f"{sum(turns):.0f} s", f"{ratio:.2f}", f"{nll[name]:.2f}", *figures])
    return tables.markdown(header, rows)


if __name__ == "__main__":
    app.run(main)
