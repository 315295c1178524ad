#!/usr/bin/env python3
"""How time grows with the pairs of a training step and with the rows of a transform.

Prints a Markdown table; writes growth.csv and growth.png to --output.  benchmarks/store.py
does the same for the number of examples.
"""

import sys
from pathlib import Path

import contenders
import matplotlib
import results
import rows
import size_flags
from absl import app, flags
from workers import opened

from iin_tf import files

matplotlib.use("Agg")
from matplotlib import pyplot

_CONTENDERS = flags.DEFINE_multi_enum(
    "contender",
    ["iin_tf", "iin_tf_bfloat16", "torch", "torch_fused"],
    list(contenders.CONTENDERS),
    "Who takes part; may be repeated.",
)
_OUTPUT = flags.DEFINE_string("output", "runs/benchmarks", "Directory of the results.")
_PAIRS = flags.DEFINE_multi_integer("pairs", [8, 32, 128, 512], "Pairs of a training batch.")
_ROWS = flags.DEFINE_multi_integer("rows", [64, 512, 4096], "Rows of a transform.")
_ROUNDS = flags.DEFINE_integer("rounds", 5, "Repetitions, interleaved over the contenders.")
_STEPS = flags.DEFINE_integer("steps", 4, "Training steps in a repetition.")


def main(argv):
    if argv[1:]:
        sys.exit(f"growth.py takes no arguments but flags; got {argv[1:]}")
    size = size_flags.size()
    with opened(rows.fresh_workers(_CONTENDERS.value, size)) as workers:
        for worker in workers.values():
            worker.call("first_step", pairs=_PAIRS.value[0])
        curves = {
            "pairs of a training step": measure(workers, "step", "pairs", _PAIRS.value, _STEPS),
            "rows of a transform": measure(workers, "transform", "rows", _ROWS.value),
        }
    found = [result for curve in curves.values() for part in curve.values() for result in part]
    print(results.as_table(found))
    output = Path(_OUTPUT.value)
    results.write_csv(output / "growth.csv", found)
    plot(output / "growth.png", curves)


def measure(workers, call, argument, counts, steps=None):
    """The results of each count: count -> one result a contender."""
    curve = {}
    for count in counts:
        arguments = {argument: count} | ({} if steps is None else {"steps": steps.value})
        values = rows.in_rounds(rows.asking(workers, call, **arguments), _ROUNDS.value)
        curve[count] = results.summarise(f"{call}, {count} {argument}", "s", values)
    return curve


def plot(path, curves):
    """A panel for each of `curves`, a line for each contender, both axes logarithmic."""
    figure, panels = pyplot.subplots(
        1, len(curves), figsize=(4.5 * len(curves), 3.6), layout="constrained"
    )
    for (label, curve), axes in zip(curves.items(), panels, strict=True):
        for place, name in enumerate(_CONTENDERS.value):
            cells = [part[place] for part in curve.values()]
            medians = [cell.median for cell in cells]
            axes.plot(list(curve), medians, marker="o", label=name)
            low, high = [cell.low for cell in cells], [cell.high for cell in cells]
            axes.fill_between(list(curve), low, high, alpha=0.2)
        axes.set(xscale="log", yscale="log", xlabel=label, ylabel="seconds")
    panels[0].legend()
    with files.whole_file(path) as temporary:
        figure.savefig(temporary, dpi=120)
    pyplot.close(figure)


if __name__ == "__main__":
    app.run(main)
