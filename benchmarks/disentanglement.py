#!/usr/bin/env python3
"""Time of each measure that needs only codes and factors, and of DCI with either estimator.

Prints a Markdown table; writes disentanglement.md to --output.
"""

import sys
import time
from pathlib import Path

import numpy as np
from absl import app, flags

from iin_tf import files
from iin_tf.measures import FAMILIES, Protocol, disentanglement
from iin_tf.results.markdown import markdown

_ROWS = flags.DEFINE_integer("rows", 10_000, "Rows of codes and factors.")
_CODES = flags.DEFINE_integer("codes", 64, "Dimensions of the codes.")
_FACTORS = flags.DEFINE_integer("factors", 6, "Factors, of 2 to 10 values.")
_STUDY = flags.DEFINE_integer(
    "study_factors", 1, "Factors for DCI with the study's default, whose time grows with them."
)
_OUTPUT = flags.DEFINE_string("output", "runs/benchmarks", "Directory of the results.")
FAST = "hist_gradient_boosting"


def main(argv):
    if argv[1:]:
        sys.exit(f"disentanglement.py takes no arguments but flags; got {argv[1:]}")
    codes, factors = data()
    rows = []
    for name, family in FAMILIES.items():
        if family.codes and family.default:
            estimator = FAST if family.fits else ""
            rows.append((name, _FACTORS.value, estimator, seconds(codes, factors, name, FAST)))
            print(rows[-1], file=sys.stderr, flush=True)
    rows.append(("together", _FACTORS.value, "", sum(row[-1] for row in rows)))
    few = factors[:, : _STUDY.value]
    for estimator in (FAST, "gradient_boosting"):
        rows.append(("dci", _STUDY.value, estimator, seconds(codes, few, "dci", estimator)))
    table = markdown(
        ["measure", "factors", "estimator", "CPU seconds"],
        [[*row, f"{took:.1f}"] for *row, took in rows],
    )
    print(table)
    files.write_text(Path(_OUTPUT.value) / "disentanglement.md", table)


def data():
    """Codes that mix one-hot factors with noise, and the factors."""
    random = np.random.default_rng(0)
    levels = np.linspace(2, 10, _FACTORS.value).round().astype(int)
    factors = np.stack([random.integers(k, size=_ROWS.value) for k in levels], axis=1)
    hot = np.concatenate(
        [np.eye(k)[column] for k, column in zip(levels, factors.T, strict=True)], axis=1
    )
    codes = hot @ random.normal(size=(hot.shape[1], _CODES.value))
    return codes + random.normal(size=codes.shape), factors


def seconds(codes, factors, measure, estimator):
    """CPU seconds of one measure, which is those of one core."""
    start = time.process_time()
    disentanglement(codes, factors, [measure], protocol=Protocol(estimator=estimator))
    return time.process_time() - start


if __name__ == "__main__":
    app.run(main)
