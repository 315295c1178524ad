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
from iin_tf.results.markdown import markdown

NAMES = ("iin_tf", "iin_tf_bfloat16", "torch", "torch_fused")

_WORKDIR = flags.DEFINE_string("workdir", "runs/quickstart", "Of a finished quickstart.")
_OUTPUT = flags.DEFINE_string("output", "runs/benchmarks", "Directory of the results.")
_STEPS = flags.DEFINE_integer("steps", 2500, "Training steps of each contender.")
_CONTENDERS = flags.DEFINE_multi_enum("contender", NAMES, NAMES, "Who takes part; may be repeated.")
_SEEDS = flags.DEFINE_integer(
    "seeds", 1, "Trainings of each contender, with different initial weights and pairs.", 1
)
_TURN = flags.DEFINE_integer("turn", 125, "Steps before it is the next contender's turn.")


def main(argv):
    if argv[1:]:
        sys.exit(f"quickstart.py takes no arguments but flags; got {argv[1:]}")
    if _STEPS.value < _TURN.value or _STEPS.value % _TURN.value:
        sys.stderr.write(f"--steps={_STEPS.value} is no multiple of --turn={_TURN.value}\n")
        sys.exit(2)
    if not Path(_WORKDIR.value, "iin.keras").exists():
        sys.stderr.write(f"{_WORKDIR.value} holds no finished quickstart; run bin/quickstart\n")
        sys.exit(2)
    # Here, so that a wrong flag is told at once.
    from quickstart_measures import experiment_of

    from iin_tf.experiment.images import train_judges

    experiment, rows = experiment_of(_WORKDIR.value), []
    judges = train_judges(experiment)
    for seed in range(_SEEDS.value):
        with opened(workers_of(seed)) as workers:
            seconds = train(workers)
            rows += [
                [name, seed, *timing(seconds, name), *held_out(worker, experiment, judges)]
                for name, worker in workers.items()
            ]
    header = ["contender", "seed", f"training, {_STEPS.value} steps", "of torch"]
    header += ["nll/test", "pair_nll/test"]
    header += ["digit, donor", "color, recipient error", "digit kept, color exchanged"]
    table = markdown(header, rows)
    print(table)
    files.write_text(Path(_OUTPUT.value) / "quickstart.md", table)


def workers_of(seed):
    return {
        name: Worker(
            "quickstart_measures:TrainingMeasures",
            name=name,
            workdir=_WORKDIR.value,
            steps=_STEPS.value,
            seed=seed,
        )
        for name in _CONTENDERS.value
    }


def train(workers):
    """Seconds of each turn, contenders taking turns: name -> list."""
    seconds = {name: [] for name in workers}
    for turn in range(_STEPS.value // _TURN.value):
        for name, worker in workers.items():
            seconds[name].append(worker.call("train", steps=_TURN.value))
        print(f"{(turn + 1) * _TURN.value} steps", file=sys.stderr, flush=True)
    return seconds


def timing(seconds, name):
    """A contender's seconds in all, and their ratio to torch's, if it takes part."""
    ratio = ""
    if "torch" in seconds:
        ratio = f"{np.median(np.divide(seconds[name], seconds['torch'])):.2f}"
    return f"{sum(seconds[name]):.0f} s", ratio


def held_out(worker, experiment, judges):
    """The held-out figures of a trained contender."""
    from iin_tf.experiment.held_out import measure_swaps

    remote = _Remote(worker, experiment.workdir.layout())
    swaps = measure_swaps(experiment, remote, judges, experiment.decode)
    names = (
        "swap/digit/digit/donor",
        "swap/digit/color/recipient_error",
        "swap/color/digit/recipient",
    )
    nll = [worker.call(name) for name in ("marginal_nll", "pair_nll")]
    return [*[f"{value:.3f}" for value in nll], *[swaps[name].value for name in names]]


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


if __name__ == "__main__":
    app.run(main)
