#!/usr/bin/env python3
"""Training from generated stores of several sizes: step time and memory, side by side.

The full size is --examples=10000 --examples=200000 --examples=2000000 --latents=512: the largest
store takes 4.1 GB on disk, above the memory limit.
"""

import dataclasses
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import results
import size_flags
from absl import app, flags
from workers import Worker, opened

from iin_tf.data import write_latent_chunks

_EXAMPLES = flags.DEFINE_multi_integer(
    "examples", [5_000, 50_000], "Examples of the stores; ratios are of the first one's figures."
)
_PAIRS = flags.DEFINE_integer("pairs", 25, "Pairs of a batch.")
_ROUNDS = flags.DEFINE_integer("rounds", 7, "Interleaved repetitions.")
_STEPS = flags.DEFINE_integer("steps", 20, "Steps in a repetition.")
_LIMIT = flags.DEFINE_float("limit_gb", 3.0, "What each process may allocate, in 10^9 bytes.")
_OUTPUT = flags.DEFINE_string("output", "runs/benchmarks", "Directory of the results.")
_CHUNK = 8192
_GROUP = 100  # examples that share a label


def main(argv):
    if argv[1:]:
        sys.exit(f"store.py takes no arguments but flags; got {argv[1:]}")
    output = Path(_OUTPUT.value)
    output.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(dir=output, prefix="store."))
    try:
        found = compare(directory)
    finally:
        shutil.rmtree(directory)
    results.write_csv(output / "store.csv", found)
    print(results.as_table(found))


def compare(directory):
    """The results of all stores."""
    size = size_flags.size()
    halves = dataclasses.replace(size, block_sizes=[size.latents // 2] * 2)
    workers = {}
    for examples in _EXAMPLES.value:
        path = write_store(directory / str(examples), examples, size.latents)
        stored = sum(file.stat().st_size for file in path.glob("*.npy")) / 1e9
        name = f"{examples} examples, {stored:.2g} GB"
        workers[name] = Worker(
            "store_measures:StoreMeasures",
            directory=str(path),
            size=vars(halves),
            pairs=_PAIRS.value,
            limit=int(_LIMIT.value * 1e9),
        )
    seconds, peaks, read = ({name: [] for name in workers} for _ in range(3))
    with opened(workers):
        for worker in workers.values():
            worker.call("step", steps=1)  # traces
        for _ in range(_ROUNDS.value):
            for name, worker in workers.items():
                step, peak, from_disk = worker.call("step", steps=_STEPS.value)
                seconds[name].append(step)
                peaks[name].append(peak / 2**20)
                read[name].append(from_disk / 1e6)
    return [
        *results.summarise("step from a store", "s", seconds, reference=next(iter(workers))),
        *results.summarise("anonymous memory", "MiB", peaks, reference=next(iter(workers))),
        *results.summarise("read from disk a step", "MB", read, reference=next(iter(workers))),
    ]


def write_store(path, examples, latents):
    """A generated store in float16, chunk by chunk; returns its directory."""
    random = np.random.default_rng(0)

    def chunks():
        for start in range(0, examples, _CHUNK):
            shape = (min(_CHUNK, examples - start), latents)
            mean = random.standard_normal(shape, dtype=np.float32)
            yield mean, np.full(shape, -4.0, np.float32)

    groups = np.arange(examples) // _GROUP
    write_latent_chunks(path, chunks(), {"group": groups}, np.arange(examples), dtype="float16")
    return path


if __name__ == "__main__":
    app.run(main)
