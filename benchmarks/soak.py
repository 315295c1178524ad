#!/usr/bin/env python3
"""Hours of training and of serving, with the memory of both: does it grow?

One process trains on pairs of a generated store with checkpoints and held-out figures; beside it
bin/iin_serve answers callers that never pause.  Writes soak.csv, a line every few seconds as it
goes, and soak.png to --output, prints a Markdown table, and exits with 1 if memory grew by more
than 2 % from the second tenth of the time, when all is warm, to the last.

  python benchmarks/soak.py --minutes=120
  python benchmarks/soak.py --read          # what was written so far
"""

import concurrent.futures
import contextlib
import csv
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import matplotlib
import numpy as np
import serving
from absl import app, flags, logging
from soak_measures import steps_done
from store_measures import anonymous_bytes
from workers import Worker, opened

from iin_tf import files
from iin_tf.results.markdown import markdown
from iin_tf.serving import Client

matplotlib.use("Agg")
from matplotlib import pyplot

_MINUTES = flags.DEFINE_float("minutes", 120, "Of both, at the same time.")
_CALLERS = flags.DEFINE_integer("callers", 4, "Of the server, at once.")
_READ = flags.DEFINE_bool("read", False, "Only show what soak.csv in --output has.")
_MOST, _TENTH = 0.02, 10
# Samples of a whole soak, however long it is.
_SAMPLES = 1000
_UNITS = {"training": "steps", "serving": "requests"}


def main(argv):
    if argv[1:]:
        sys.exit(f"soak.py takes no arguments but flags; got {argv[1:]}")
    # A line for each request otherwise.
    logging.set_verbosity(logging.WARNING)
    output = Path(flags.FLAGS.output)
    output.mkdir(parents=True, exist_ok=True)
    if not _READ.value:
        soak(output / "soak.csv")
    found = samples_of(output / "soak.csv")
    draw(output / "soak.png", found)
    rows, grew = [], False
    for name, series in found.items():
        seconds, values, done = series.T
        warm, last, growth = growth_of(values)
        grew |= growth > _MOST
        work = f"{int(done[-1]):,} {_UNITS[name]}"
        megabytes = [f"{count / 2**20:,.1f} MiB" for count in (warm, last)]
        rows.append([name, f"{seconds[-1] / 60:.1f}", work, *megabytes, f"{growth:+.2%}"])
    header = ["", "minutes", "done", "second tenth", "last tenth", "growth"]
    print(markdown(header, rows))
    return int(grew)


def soak(path):
    """Trains and serves at once, and writes samples of both as it goes."""
    seconds, requests = 60 * _MINUTES.value, [0] * _CALLERS.value
    trainer = Worker("soak_measures:Training")
    with (
        opened({"training": trainer}),
        tempfile.TemporaryDirectory() as directory,
        served() as (server, url),
        concurrent.futures.ThreadPoolExecutor(1 + len(requests)) as pool,
    ):
        # What starts takes seconds, and is no part of them.
        end, stop = time.monotonic() + seconds, threading.Event()
        work = [pool.submit(call, url, stop, requests, number) for number in range(len(requests))]
        work.append(pool.submit(trainer.call, "train", directory=directory, seconds=seconds))
        parts = {
            "training": (trainer.process, lambda: steps_done(directory)),
            "serving": (server, lambda: sum(requests)),
        }
        try:
            with open(path, "w", newline="") as file:
                sample(file, parts, end, work)
        except BaseException:
            # Nobody waits hours for the rest of what failed.
            trainer.process.kill()
            raise
        finally:
            stop.set()
        for one in work:
            one.result()


def sample(file, parts, end, work):
    """A line for each part every few seconds, until `end` or until some work has failed."""
    rows, start = csv.writer(file), time.monotonic()
    rows.writerow(["part", "seconds", "bytes", "done"])
    while (now := time.monotonic()) < end:
        for name, (process, done) in parts.items():
            rows.writerow([name, round(now - start, 2), anonymous_bytes(process.pid), done()])
        file.flush()
        for one in concurrent.futures.wait(work, max(0.5, (end - start) / _SAMPLES))[0]:
            one.result()


@contextlib.contextmanager
def served():
    """A server of a network of the quickstart's size: its process, and its URL."""
    version = Path(serving.random_export())
    command = [sys.executable, serving.SERVE, f"model={version.parent}", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server, server.stdout.readline().removeprefix("[iin] ").strip()
        finally:
            server.terminate()


def call(url, stop, requests, number):
    """Asks until it is stopped, and counts."""
    random = np.random.default_rng(number)
    with Client(url, timeout=60) as client:
        while not stop.is_set():
            z = random.normal(size=(random.integers(1, 65), 64)).astype(np.float32)
            back = client.invert(client.transform(z))
            assert np.abs(back - z).max() < 1e-3
            requests[number] += 2


def samples_of(path):
    """Part -> an array of its samples: seconds, bytes, steps or requests."""
    found = {name: [] for name in _UNITS}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            found[row["part"]].append([float(row[name]) for name in ("seconds", "bytes", "done")])
    return {name: np.array(series) for name, series in found.items()}


def growth_of(values):
    """Most bytes in the second tenth of the time and in the last, and by how much they grew.

    The most, because an allocator gives a part back and takes it again.
    """
    tenth = max(1, len(values) // _TENTH)
    warm, last = values[tenth : 2 * tenth].max(), values[-tenth:].max()
    return warm, last, last / warm - 1


def draw(path, found):
    """The picture of all samples."""
    figure, panels = pyplot.subplots(1, len(found), figsize=(9, 3), layout="constrained")
    for axes, (name, series) in zip(panels, found.items(), strict=True):
        seconds, values, _ = series.T
        axes.plot(seconds / 60, values / 2**20)
        axes.set(xlabel="minutes", ylabel="anonymous memory, MiB", title=name)
        axes.set_ylim(0, 1.2 * values.max() / 2**20)
    with files.whole_file(path) as temporary:
        figure.savefig(temporary, dpi=100)
    pyplot.close(figure)


if __name__ == "__main__":
    app.run(main)
