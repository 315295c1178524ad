#!/usr/bin/env python3
"""Speed and memory of this package beside flows from PyPI, side by side in one run.

Prints a Markdown table; writes results.csv and results.png to --output.
"""

import sys
from pathlib import Path

import contenders
import results
import rows
import size_flags
from absl import app, flags
from workers import Worker, opened

ROWS = ("step", "first", "end", "transform", "invert", "likelihood", "memory", "machine")

_ROWS = flags.DEFINE_multi_enum("rows", list(ROWS), ROWS, "What to measure; may be repeated.")
_WITHOUT = flags.DEFINE_multi_enum(
    "without", [], list(contenders.CONTENDERS), "A contender to leave out."
)
_OUTPUT = flags.DEFINE_string("output", "runs/benchmarks", "Directory of the results.")
_PAIRS = flags.DEFINE_multi_integer("pairs", [25, 256], "Pairs of a training batch.")
_BATCH = flags.DEFINE_integer("batch", 4096, "Rows of transform, invert and log_prob.")
_ROUNDS = flags.DEFINE_integer("rounds", 7, "Repetitions, interleaved over the contenders.")
_FIRST_ROUNDS = flags.DEFINE_integer("first_rounds", 3, "The same of first steps.")
_STEPS = flags.DEFINE_integer("steps", 5, "Training steps in a repetition.")


def main(argv):
    if argv[1:]:
        sys.exit(f"run.py takes no arguments but flags; got {argv[1:]}")
    names = [name for name in contenders.CONTENDERS if name not in _WITHOUT.value]
    missing = contenders.missing_packages(names)
    if missing:
        sys.stderr.write(
            f"not installed: {', '.join(missing)}. pip install -e '.[bench]' brings them, "
            "or leave out who needs them with --without=NAME\n"
        )
        sys.exit(2)
    size = size_flags.size()
    output, found = Path(_OUTPUT.value), []
    for part in measure(names, size):
        # Row by row, so that an interrupted run leaves what it has.
        print(f"{results.as_table(part)}\n", flush=True)
        found += part
        results.write_csv(output / "results.csv", found)
    results.write_plot(output / "results.png", found)
    print(f"Written: {output}/results.csv, results.png")


def measure(names, size):
    """Yields the results of one row after the other."""
    wanted, rounds = set(_ROWS.value), _ROUNDS.value
    if "first" in wanted:
        yield rows.first_step(names, size, _PAIRS.value[0], _FIRST_ROUNDS.value)
    if "memory" in wanted:
        yield rows.memory(names, size, _PAIRS.value, _BATCH.value)
    if wanted <= {"first", "memory"}:
        return
    machine = {rows.MACHINE: Worker("floors:MachineMeasures")}
    with opened(machine), opened(rows.fresh_workers(names, size)) as workers:
        session = rows.Session(workers, machine[rows.MACHINE], size, rounds, _STEPS.value)
        for worker in workers.values():
            worker.call("first_step", pairs=_PAIRS.value[0])
        if "machine" in wanted:
            yield session.machine_results()
        if "step" in wanted:
            for pairs in _PAIRS.value:
                yield session.step(pairs)
        for call in ("transform", "invert"):
            if call in wanted:
                yield session.direction(call, _BATCH.value)
        if "likelihood" in wanted:
            yield session.likelihood(_BATCH.value)
        if "end" in wanted:
            yield session.end(_PAIRS.value[0])


if __name__ == "__main__":
    app.run(main)
