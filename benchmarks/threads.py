#!/usr/bin/env python3
"""What another number of threads changes in a training: how far weights and losses move apart.

The same seed and data, in processes of their own: one thread an operation, once more, and two.
Prints a Markdown table.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from absl import app, flags
from workers import Worker, opened

from iin_tf.results.markdown import markdown

_STEPS = flags.DEFINE_multi_integer("steps", [1, 100, 300], "Where weights are compared.")
_KINDS = flags.DEFINE_multi_enum(
    "kind", ["network", "autoencoder"], ["network", "autoencoder"], "What is trained."
)
_THREADS = flags.DEFINE_multi_integer("threads", [1, 1, 2], "Of each run; the first is compared.")


def main(argv):
    if argv[1:]:
        sys.exit(f"threads.py takes no arguments but flags; got {argv[1:]}")
    table = []
    for kind in _KINDS.value:
        with tempfile.TemporaryDirectory() as directory:
            first, *others = [
                trained(kind, f"{directory}/{number}", threads)
                for number, threads in enumerate(_THREADS.value)
            ]
        for threads, run in zip(_THREADS.value[1:], others, strict=True):
            pair = f"{_THREADS.value[0]} and {threads}"
            for place, step in enumerate(_STEPS.value):
                table.append([kind, pair, step, *apart(first[place], run[place])])
    print(markdown(["", "threads", "step", "weights", "held-out loss"], table))


def trained(kind, directory, threads):
    """(weights, held-out loss) after each of the numbers of steps."""
    Path(directory).mkdir()
    worker = Worker("threads_measures:Run", threads=threads, kind=kind)
    with opened({"run": worker}):
        losses = worker.call("train", directory=directory, stops=_STEPS.value)
    weights = [np.load(f"{directory}/{step}.npy") for step in _STEPS.value]
    return list(zip(weights, losses, strict=True))


def apart(one, other):
    """The size of the difference over the size of the weights, and the losses' difference."""
    (weights, loss), (others, its) = one, other
    if np.array_equal(weights, others) and loss == its:
        return ["bit-equal", "bit-equal"]
    distance = np.linalg.norm(others - weights) / np.linalg.norm(weights)
    return [f"{distance:.1e}", f"{abs(its - loss):.1e} of {loss:.2f}"]


if __name__ == "__main__":
    app.run(main)
