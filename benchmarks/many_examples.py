#!/usr/bin/env python3
"""What an example costs when there are many: encoding to disk, a sampler of pairs, training.

Inputs are drawn as they are asked for, so that the largest store need fit nowhere but on the disk;
stores are removed afterwards.  Prints a Markdown table; writes many_examples.md to --output.

The full size takes 5.2 GB of disk for a while, and some minutes:
  python benchmarks/many_examples.py --examples=10000 --examples=100000 --examples=1000000 \
      --examples=10000000
"""

import shutil
import sys
import tempfile
from pathlib import Path

from absl import app, flags
from workers import Worker, opened

from iin_tf import files
from iin_tf.results.markdown import markdown

_EXAMPLES = flags.DEFINE_multi_integer("examples", [10_000, 100_000], "Examples of the stores.")
_LATENTS = flags.DEFINE_integer("latents", 64, "N.")
_PAIRS = flags.DEFINE_integer("pairs", 256, "Of a training batch.")
_STEPS = flags.DEFINE_integer("steps", 200, "Training steps.")
_OUTPUT = flags.DEFINE_string("output", "runs/benchmarks", "Directory of the results.")
HEADER = (
    "examples", "encoded and written", "peak", "sampler of pairs", "peak", "step", "pairs a second",
    "peak", "read a step",
)  # fmt: skip


def main(argv):
    if argv[1:]:
        sys.exit(f"many_examples.py takes no arguments but flags; got {argv[1:]}")
    output = Path(_OUTPUT.value)
    output.mkdir(parents=True, exist_ok=True)
    table = []
    for examples in _EXAMPLES.value:
        directory = Path(tempfile.mkdtemp(dir=output, prefix="many_examples."))
        try:
            table.append(row(directory / "store", examples))
        finally:
            shutil.rmtree(directory)
        print(*table[-1], sep=" | ", file=sys.stderr, flush=True)
    text = markdown(list(HEADER), table)
    print(text)
    files.write_text(output / "many_examples.md", text)


def row(directory, examples):
    """The cells of one number of examples; each part in a process of its own."""
    seconds, peak = asked("Encoding", directory, "encode", examples=examples)
    cells = [f"{examples:,}", f"{1e6 * seconds / examples:.1f} µs each", mebibytes(peak)]
    seconds, peak = asked("Sampling", directory, "make")
    cells += [f"{seconds:.2f} s", mebibytes(peak)]
    seconds, peak, read = asked(
        "Training", directory, "train", pairs=_PAIRS.value, steps=_STEPS.value
    )
    cells += [f"{1e3 * seconds:.1f} ms", f"{_PAIRS.value / seconds:,.0f}", mebibytes(peak)]
    return [*cells, f"{read / 1e6:.2f} MB"]


def asked(name, directory, call, **arguments):
    worker = Worker(
        f"many_examples_measures:{name}", directory=str(directory), latents=_LATENTS.value
    )
    with opened({name: worker}):
        return worker.call(call, **arguments)


def mebibytes(count):
    return f"{count / 2**20:,.0f} MiB"


if __name__ == "__main__":
    app.run(main)
