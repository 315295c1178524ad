"""Stored latents of 4,096 dimensions: memory does not grow with the file."""

import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pandas
import pytest

import iin_tf
from iin_tf.data import LatentStore

ROOT = Path(__file__).parents[2]
SIZE, CHUNK = 4096, 2000
# Runs some stages, and says the peak of the memory that is the process's own: pages of maps of
# files are the kernel's to drop.
STAGES = """
import sys, threading, time
peak = 0
def watch():
    global peak
    while True:
        status = open("/proc/self/status").read()
        peak = max(peak, int(status.split("RssAnon:")[1].split()[0]))
        time.sleep(0.05)
threading.Thread(target=watch, daemon=True).start()
from by_hand import latents_config
from iin_tf.experiment import run_stages
config = latents_config()
config.update_from_flattened_dict(eval(sys.argv[1]))
run_stages(config, sys.argv[2], ["encode", "sizes", "train"])
print(peak * 1024)
"""


def write(path, rows):
    """Rows in which speaker and style move 7 of 64 directions, among noise; labels beside it."""
    random = np.random.default_rng(0)
    directions = random.normal(size=(64, SIZE)).astype(np.float32) / 8
    labels = {"speaker": random.integers(4, size=rows), "style": random.integers(3, size=rows)}
    with h5py.File(path, "w") as file:
        x = file.create_dataset("x", (rows, SIZE), np.float32)
        for start in range(0, rows, CHUNK):
            some = slice(start, start + CHUNK)
            hidden = random.normal(size=(CHUNK, 64)).astype(np.float32)
            hidden[:, :4] += 4 * np.eye(4, dtype=np.float32)[labels["speaker"][some]]
            hidden[:, 4:7] += 4 * np.eye(3, dtype=np.float32)[labels["style"][some]]
            noise = random.standard_normal((CHUNK, SIZE), np.float32)
            x[some] = hidden @ directions + 0.1 * noise
    frame = pandas.DataFrame({"id": np.arange(rows), **labels})
    frame.to_csv(path.with_suffix(".csv"), index=False)
    return path, path.with_suffix(".csv")


def train(workdir, path, labels, front):
    """Bytes that a short training takes at most, in a process of its own."""
    changes = {
        "data.path": str(path),
        "data.labels": str(labels),
        "data.factors": ("speaker", "style"),
        "data.test": 0.01,
        "data.validation": 0.01,
        "network.front": front,
        "network.mixing": "permutation",
        "network.blocks": 2,
        "network.hidden": 32,
        "training.steps": 20,
        "training.steps_per_epoch": 10,
        "evaluation.donors": 2,
    }
    result = subprocess.run(
        [sys.executable, "-c", STAGES, repr(changes), workdir],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'shared'}"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    return int(result.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("front", "few", "many"),
    # A front starts from up to 16,384 rows: both files have more.
    [(None, 6_000, 40_000), (256, 20_000, 60_000)],
)
def test_memory_does_not_grow_with_the_file(front, few, many, tmp_path):
    peaks, sizes = [], []
    for rows in (few, many):
        path, labels = write(tmp_path / f"{rows}.h5", rows)
        sizes.append(path.stat().st_size)
        peaks.append(train(tmp_path / f"run{rows}", path, labels, front))
        print(f"front {front}, {sizes[-1] / 1e9:.2f} GB in the file: {peaks[-1] / 1e9:.2f} GB")
    # Labels, ids and how the allocator happens to fall; the rows themselves would be all of it.
    assert peaks[1] - peaks[0] < 0.2 * (sizes[1] - sizes[0])
    workdir = tmp_path / f"run{many}"
    network = iin_tf.load(workdir / "iin.keras")
    z = LatentStore(workdir / "latents/test").mean[:500]
    # float32 in numbers of about 2.
    np.testing.assert_allclose(network.invert(network.transform(z)), z, atol=1e-4)
