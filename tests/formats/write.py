"""Writes the small files that `test_formats.py` reads, as this version writes them.

Command:  python tests/formats/write.py [FOLDER]

Run it when a format gets a new number, into a folder of that number; files of earlier versions
stay as they are, because the test is that they are still read.  `metrics.json` is none of them: it
was written by a run.
"""

import sys
from pathlib import Path

import numpy as np

import iin_tf
from iin_tf import FactorLayout, InterpretationNetwork, files
from iin_tf.data import write_latents
from iin_tf.experiment import Workdir
from iin_tf.models import ConvClassifier, LinearNetwork, VariationalAutoencoder

HERE = Path(__file__).parent
LAYOUT = FactorLayout({"digit": 1, "color": 1}, residual=2)
Z = np.random.default_rng(0).normal(size=(2, 4)).astype(np.float32)
IMAGE = np.arange(64, dtype=np.uint8).reshape(1, 8, 8, 1)


def write(folder):
    """Writes one file or folder of each kind, and what is read from them, into `folder`."""
    _network(folder / "network.keras")
    VariationalAutoencoder(2, channels=1, hidden=2, image_shape=(8, 8, 1)).save(
        folder / "autoencoder.keras"
    )
    ConvClassifier(2, 2, channels=1, image_shape=(8, 8, 1)).save(folder / "classifier.keras")
    matrix = np.random.default_rng(1).normal(size=(4, 4))
    LinearNetwork(LAYOUT, matrix, np.arange(4.0)).save(folder / "linear_network.npz")
    labels = {"digit": [3, -1], "name": ["a", "b"]}
    write_latents(folder / "store", Z, -np.ones_like(Z), labels, [7, 8], dtype="float16")
    _workdir(folder / "workdir")
    files.write_json(folder / "read.json", read(folder))


def read(folder):
    """What this version reads from the files in `folder`: name -> nested lists of numbers."""
    network = iin_tf.load(folder / "network.keras")
    linear = LinearNetwork.load(folder / "linear_network.npz")
    autoencoder = iin_tf.models.load_model(folder / "autoencoder.keras")
    classifier = iin_tf.models.load_model(folder / "classifier.keras")
    found = {
        "network.transform": network.transform(Z),
        "network.correlation": network.correlation,
        "network.step": network.optimizer.iterations,
        "linear_network.transform": linear.transform(Z),
        "autoencoder.encode": autoencoder.encode(IMAGE)[0],
        "classifier": classifier(IMAGE),
    }
    return {name: np.asarray(value).tolist() for name, value in found.items()}


def _network(path):
    network = InterpretationNetwork(
        LAYOUT,
        blocks=1,
        hidden=4,
        depth=0,
        correlation="learned",
        mixing="linear",
        front="whiten",
        seed=0,
    )
    rows = np.random.default_rng(2).normal(size=(64, 4)).astype(np.float32)
    network.compile(iin_tf.FusedAdam(1e-3))
    network.fit((rows, rows[::-1]), np.arange(64) % 3, batch_size=32, verbose=0)
    network.save(path)


def _workdir(path):
    workdir = Workdir(path)
    workdir.make()
    workdir.mark("pretrain", {"seed": 0, "data.factors": ["digit", "color"]})
    workdir.begin("train", {"seed": 0}, ())
    layout = LAYOUT.get_config()
    files.write_json(workdir.factor_sizes, {"used": layout, "autoencoder": layout})


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    target.mkdir(exist_ok=True)
    write(target)
