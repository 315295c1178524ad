#!/usr/bin/env python3
"""What a network of some size costs: weights, a step, a checkpoint, what workers tell each other.

Prints a Markdown table.  benchmarks/many_examples.py has the costs of an example.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import size_flags
from absl import app, flags
from contenders import iin_tf_network

from iin_tf.results.markdown import markdown
from iin_tf.training import Checkpoints

_PAIRS = flags.DEFINE_integer("pairs", 256, "Of a training batch.")
_STEPS = flags.DEFINE_integer("steps", 10, "Training steps; the median counts.")
_GIGA = 1e9


class Timed(Checkpoints):
    """Keeps the seconds of reading one, and of writing each."""

    def on_train_begin(self, logs=None):
        start, self.written = time.perf_counter(), []
        super().on_train_begin(logs)
        self.read = time.perf_counter() - start

    def on_epoch_end(self, epoch, logs=None):
        start = time.perf_counter()
        super().on_epoch_end(epoch, logs)
        self.written.append(time.perf_counter() - start)


def main(argv):
    if argv[1:]:
        sys.exit(f"unit_costs.py takes no arguments but flags; got {argv[1:]}")
    size = size_flags.size()
    contender = iin_tf_network.Contender(size)
    contender.build()
    contender.compile()
    network = contender.network
    batch = _batch(size)
    step = float(np.median(contender.train(batch, _STEPS.value)[1:]))
    with tempfile.TemporaryDirectory(dir=".") as directory:
        written, read, held = _checkpoint(network, batch, Path(directory, "checkpoints"))
    weights = network.count_params()
    rows = [
        ["weights", f"{weights:,}"],
        [f"step of {_PAIRS.value} pairs", f"{1e3 * step:.0f} ms"],
        ["checkpoint", f"{held / _GIGA:.2f} GB"],
        ["to write and flush one", f"{written:.2f} s, {held / _GIGA / written:.2f} GB/s"],
        ["to read and check one", f"{read:.2f} s, {held / _GIGA / read:.2f} GB/s"],
        ["gradient, of each worker and step", f"{4 * weights / _GIGA:.2f} GB"],
    ]
    print(markdown(["", f"{size.latents} latents, {size.blocks} x {size.hidden}"], rows))


def _batch(size):
    random = np.random.default_rng(0)
    z = random.standard_normal((2, _PAIRS.value, size.latents), dtype=np.float32)
    return *z, random.integers(0, len(size.block_sizes), _PAIRS.value)


def _checkpoint(network, batch, directory):
    """Seconds to write one and to read one, and its bytes."""
    z_a, z_b, shared = batch
    found = []
    for epochs in (2, 3):
        timed = Timed(directory)
        network.fit(
            (z_a, z_b), shared, batch_size=_PAIRS.value, epochs=epochs, callbacks=[timed], verbose=0
        )
        found.append(timed)
    newest = max(directory.glob("step_*"))
    held = sum(path.stat().st_size for path in newest.iterdir())
    return float(np.median(found[0].written)), found[1].read, held


if __name__ == "__main__":
    app.run(main)
