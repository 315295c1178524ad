#!/usr/bin/env python3
"""Waiting times of `transform` by REST on loopback, beside the direct call and the cost of JSON.

Starts bin/iin_serve as a process of its own on the version of an exported model, or on one of the
quickstart's size with random weights.  Callers are threads of this process, a client each.  Prints
a Markdown table; writes serving.md to --output.
"""

import concurrent.futures
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import tensorflow as tf
from absl import app, flags, logging

import iin_tf
from iin_tf import files
from iin_tf.results.markdown import markdown
from iin_tf.serving import Client
from iin_tf.serving.server.tensors import read_inputs, write_outputs
from iin_tf.serving.signatures import Signature, Spec
from iin_tf.serving.wire import dumps, loads

_EXPORT = flags.DEFINE_string("export", "", "A version, such as saved_models/colored_digits/1.")
_REQUESTS = flags.DEFINE_integer("requests", 400, "Of each kind, all callers together.")
_OUTPUT = flags.DEFINE_string("output", "runs/benchmarks", "Directory of the results.")
ROWS, CALLERS = (1, 256), (1, 4, 16)
SERVE = Path(__file__).parents[1] / "bin" / "iin_serve"


def main(argv):
    if argv[1:]:
        sys.exit(f"serving.py takes no arguments but flags; got {argv[1:]}")
    # A line for each request would be timed too.
    logging.set_verbosity(logging.WARNING)
    version = Path(_EXPORT.value or random_export())
    model = tf.saved_model.load(str(version))
    transform = model.signatures["transform"]
    columns = transform.structured_input_signature[1]["z"].shape[1]
    batches = {
        rows: np.random.default_rng(1).normal(size=(rows, columns)).astype(np.float32)
        for rows in ROWS
    }
    command = [sys.executable, SERVE, f"model={version.parent}", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().removeprefix("[iin] ").strip()
            table = [line for z in batches.values() for line in rows_of(transform, url, z)]
        finally:
            server.terminate()
            server.communicate()
    text = markdown(["transform", "p50, ms", "p99, ms"], table)
    print(text)
    files.write_text(Path(_OUTPUT.value) / "serving.md", text)


def rows_of(transform, url, z):
    """The lines of the table for one number of rows."""
    count = f"{len(z)} {'row' if len(z) == 1 else 'rows'}"
    alone, written = direct(transform, z), json_alone(z)
    served = {callers: by_rest(url, z, callers) for callers in CALLERS}
    one = np.median(served[1])
    ratio = (one - np.median(written)) / np.median(alone)
    return [
        row(f"{count}, direct call", alone),
        row(f"{count}, JSON alone, both ends", written),
        *(row(f"{count}, REST, callers: {n}", seconds) for n, seconds in served.items()),
        [f"{count}, REST less JSON, in direct calls", f"{ratio:.1f}", ""],
    ]


def random_export():
    """The path of a version of the quickstart's size."""
    layout = iin_tf.FactorLayout({"digit": 15, "color": 16}, residual=33)
    network = iin_tf.InterpretationNetwork(layout, blocks=8, hidden=256, seed=0)
    network.adapt(np.random.default_rng(0).normal(size=(1024, 64)).astype(np.float32))
    return iin_tf.export(network, Path(tempfile.mkdtemp()) / "model")


def row(kind, seconds):
    found = [f"{1000 * np.quantile(seconds, level):.1f}" for level in (0.5, 0.99)]
    print(kind, *found, file=sys.stderr, flush=True)
    return [kind, *found]


def timed(call, times):
    call()
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return seconds


def direct(transform, z):
    """The loaded signature, arrays in and out."""
    return timed(lambda: transform(z=tf.constant(z))["z_tilde"].numpy(), _REQUESTS.value)


def json_alone(z):
    """What a request and its answer cost to write and to read, at both ends."""
    spec = Spec(z.dtype, (None, z.shape[1]))
    signature = Signature({"z": spec}, {"z_tilde": spec})

    def call():
        body = dumps({"signature_name": "transform", "inputs": {"z": z}}, [z])
        given, by_rows = read_inputs(loads(body), signature)
        answer = write_outputs({"z_tilde": given["z"]}, by_rows)
        return np.asarray(loads(answer)["outputs"], np.float32)

    return timed(call, _REQUESTS.value)


def by_rest(url, z, callers):
    """Of all requests, from array to array; the callers begin together."""
    barrier = threading.Barrier(callers)

    def caller(_):
        with Client(url, timeout=60) as client:
            client.transform(z)
            barrier.wait()
            return timed(lambda: client.transform(z), _REQUESTS.value // callers)

    with concurrent.futures.ThreadPoolExecutor(callers) as pool:
        return [one for seconds in pool.map(caller, range(callers)) for one in seconds]


if __name__ == "__main__":
    app.run(main)
