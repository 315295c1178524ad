#!/usr/bin/env python3
"""Hours of training and of serving, with the memory of both: does it grow?

Trains on pairs of a generated store with checkpoints and held-out figures, then serves a network by
bin/iin_serve to callers that never pause; each for --minutes.  Writes soak.csv and soak.png to
--output, prints a Markdown table, and exits with 1 if memory grew by more than 2 % from the second
tenth of the time, when all is warm, to the last.

  python benchmarks/soak.py --minutes=120
"""

import csv
import logging
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import matplotlib
import numpy as np
import serving
from absl import app, flags
from store_measures import anonymous_bytes
from workers import Worker, opened

from iin_tf import files
from iin_tf.results.markdown import markdown
from iin_tf.serving import Client

matplotlib.use("Agg")
from matplotlib import pyplot

_MINUTES = flags.DEFINE_float("minutes", 120, "Of training, and then of serving.")
_CALLERS = flags.DEFINE_integer("callers", 4, "Of the server, at once.")
_MOST, _TENTH = 0.02, 10
# Samples of a whole soak, however long it is.
_SAMPLES = 1000


def main(argv):
    if argv[1:]:
        sys.exit(f"soak.py takes no arguments but flags; got {argv[1:]}")
    # A line for each request otherwise.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    output = Path(flags.FLAGS.output)
    output.mkdir(parents=True, exist_ok=True)
    found = {"training": training(), "serving": served()}
    write(output, {name: series for name, (series, _) in found.items()})
    rows, grew = [], False
    for name, (series, work) in found.items():
        warm, last, growth = growth_of(series)
        grew |= growth > _MOST
        megabytes = [f"{count / 2**20:,.1f} MiB" for count in (warm, last)]
        rows.append([name, f"{_MINUTES.value:g}", work, *megabytes, f"{growth:+.2%}"])
    header = ["", "minutes", "done", "second tenth", "last tenth", "growth"]
    print(markdown(header, rows))
    return int(grew)


def every():
    """Seconds between two samples."""
    return max(0.5, 60 * _MINUTES.value / _SAMPLES)


def training():
    """Samples (seconds, bytes) of a process that trains, and what it did."""
    worker = Worker("soak_measures:Training")
    with opened({"training": worker}), tempfile.TemporaryDirectory() as directory:
        series, steps = worker.call(
            "train", directory=directory, seconds=60 * _MINUTES.value, every=every()
        )
    return series, f"{steps:,} steps"


def served():
    """Samples of the server, and what it answered."""
    version = Path(serving.random_export())
    command = [sys.executable, serving.SERVE, f"model={version.parent}", "--port=0"]
    series, counts = [], [0] * _CALLERS.value
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        url = server.stdout.readline().removeprefix("[iin] ").strip()
        # Its start takes seconds, and is no part of them.
        start = time.monotonic()
        end = start + 60 * _MINUTES.value
        callers = [
            threading.Thread(target=_call, args=(url, end, counts, number))
            for number in range(len(counts))
        ]
        for caller in callers:
            caller.start()
        while time.monotonic() < end:
            series.append((time.monotonic() - start, anonymous_bytes(server.pid)))
            time.sleep(every())
        for caller in callers:
            caller.join()
        server.terminate()
    return series, f"{sum(counts):,} requests"


def _call(url, end, counts, number):
    random = np.random.default_rng(number)
    with Client(url, timeout=60) as client:
        while time.monotonic() < end:
            z = random.normal(size=(random.integers(1, 65), 64)).astype(np.float32)
            back = client.invert(client.transform(z))
            assert np.abs(back - z).max() < 1e-3
            counts[number] += 2


def growth_of(series):
    """Most bytes in the second tenth of the time and in the last, and by how much they grew.

    The most, because an allocator gives a part back and takes it again.
    """
    values = np.array([count for _, count in series], float)
    tenth = max(1, len(values) // _TENTH)
    warm, last = values[tenth : 2 * tenth].max(), values[-tenth:].max()
    return warm, last, last / warm - 1


def write(output, found):
    """All samples as soak.csv, and their picture."""
    with files.whole_file(output / "soak.csv") as path, open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["part", "seconds", "bytes"])
        rows.writerows((name, *sample) for name, series in found.items() for sample in series)
    figure, panels = pyplot.subplots(1, len(found), figsize=(9, 3), layout="constrained")
    for axes, (name, series) in zip(panels, found.items(), strict=True):
        seconds, values = np.array(series).T
        axes.plot(seconds / 60, values / 2**20)
        axes.set(xlabel="minutes", ylabel="anonymous memory, MiB", title=name)
        axes.set_ylim(0, 1.2 * values.max() / 2**20)
    with files.whole_file(output / "soak.png") as path:
        figure.savefig(path, dpi=100)
    pyplot.close(figure)


if __name__ == "__main__":
    app.run(main)
