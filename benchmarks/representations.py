"""Representations to try settings on: training, validation and test rows without noise.

A split is (z [n, N], mapping factor -> [n], source [n], log_variance [n, N] or None where the
representation brings no noise of its own).
"""

import gzip
import importlib
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from iin_tf.data import LatentStore
from iin_tf.experiment.one_view import one_view_each
from iin_tf.experiment.workdir import Workdir

# Of the test, originals.
TESTED = 500


def sentences(options):
    """Those of configs/sentences.py: wordllama, 256 dimensions."""
    return templated("sentences")


def minilm(options):
    """The same through the transformer of configs/minilm.py: 382 dimensions that vary."""
    return templated("minilm")


def templated(name):
    """Of three quarters of the words and templates of training; of the other quarter; the test."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from configs.sentences import sentences as texts

    module = importlib.import_module(f"configs.{name}")
    stage = module.get_first_stage(module.get_config())
    parts = []
    for split in ("learned", "held_out", "test"):
        x, labels = texts(split, split)
        rows = np.random.default_rng(0).permutation(len(x))
        rows = rows if split == "learned" else rows[:TESTED]
        x, labels = np.array(x)[rows], {factor: some[rows] for factor, some in labels.items()}
        if split == "learned":
            stage.adapt(x)
        parts.append((np.asarray(stage.encode(x)[0]), labels, rows, None))
    return parts


def fashion(options):
    """8,000 and 2,000 pictures in one of eight colours, by their 64 leading components."""
    random = np.random.default_rng(0)
    colors = random.uniform(0.25, 1, (8, 3))
    colors /= colors.max(axis=1, keepdims=True)
    images, parts = {}, []
    for split, name, count in (("train", "train", 8000), ("test", "t10k", 2000)):
        x = idx(options.files, f"{name}-images-idx3-ubyte.gz")[:count] / 255
        color = random.integers(8, size=count)
        painted = x[..., None] * colors[color][:, None, None]
        images[split] = painted.reshape(count, -1).astype(np.float32)
        classes = idx(options.files, f"{name}-labels-idx1-ubyte.gz")[:count].astype(int)
        parts.append({"class": classes, "color": color})
    mean = images["train"].mean(axis=0)
    axes = np.linalg.eigh(np.cov((images["train"] - mean).T))[1][:, ::-1][:, :64]
    z = [((x - mean) @ axes).astype(np.float32) for x in images.values()]
    return held_out(*zip(z, parts, strict=True))


def idx(folder, name):
    data = gzip.decompress((Path(folder) / name).read_bytes())
    sizes = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(sizes)


def digits(options):
    """scikit-learn's 1,797 handwritten digits, each in one of four turns: raw pixels."""
    random = np.random.default_rng(0)
    images, digit = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8)
    turn = random.integers(4, size=len(images))
    turned = [np.rot90(image, turns) for image, turns in zip(images, turn, strict=True)]
    z = np.reshape(turned, (len(images), 64)).astype(np.float32)
    order = random.permutation(len(z))
    rows = order[TESTED:], order[:TESTED]
    return held_out(*((z[part], {"digit": digit[part], "turn": turn[part]}) for part in rows))


def held_out(train, test):
    """Training, validation (7 %) and test rows."""
    random = np.random.default_rng(0)
    z, labels = train
    rows = np.arange(len(z))
    out = np.isin(rows, random.choice(rows, int(0.07 * len(z)), replace=False))
    few = random.permutation(len(test[0]))[:TESTED]
    split = [
        (z[part], {name: values[part] for name, values in labels.items()}, rows[part], None)
        for part in (~out, out)
    ]
    return (*split, (test[0][few], {n: v[few] for n, v in test[1].items()}, few, None))


def run(options):
    """The latents of a finished working directory, one view of each original in the test."""
    folder, names = Path(options.workdir), recorded(options)["data.factors"]
    parts = []
    for split in ("train", "validation", "test"):
        store = LatentStore(folder / "latents" / split)
        source, log_variance = np.array(store.source), np.array(store.log_variance)
        rows = np.arange(len(source))
        if split != "train":
            rows = np.random.default_rng(0).permutation(one_view_each(store, names))
            rows = rows[:TESTED] if split == "test" else rows
        labels = {name: np.array(store.labels[name])[rows] for name in names}
        parts.append((np.array(store.mean)[rows], labels, source[rows], log_variance[rows]))
    if not np.ptp(parts[0][3], axis=0).any():  # the noise is the config's
        parts = [(*part[:3], None) for part in parts]
    return parts


def recorded(options):
    """The config that a run was trained with: key -> value, with what `auto` chose."""
    folder = Path(options.workdir)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config = config["stages"]["train"]["config"]
    chosen = folder / "settings.json"
    if chosen.exists():
        config |= json.loads(chosen.read_text(encoding="utf-8"))["values"]
    return config


def run_settings(options):
    """The settings of a finished run, by the names of benchmarks/settings.py."""
    config = recorded(options)
    flow = ("blocks", "hidden", "depth", "mixing", "front")
    found = {key: config[f"network.{key}"] for key in flow}
    found |= {"rho": config["network.correlation"], "wd": config["training.weight_decay"]}
    found |= {"members": config["pairs.members"] if config["pairs.kind"] == "groups" else 0}
    found |= {"lr": config["training.learning_rate"], "steps": config["training.steps"]}
    found |= {"sizes": list(Workdir(options.workdir).layout().sizes[1:]), "noise": None}
    if not np.ptp(LatentStore(Path(options.workdir) / "latents/train").log_variance, axis=0).any():
        found |= {"noise": config["first_stage.noise"], "kind": config["first_stage.noise_kind"]}
    return found


REPRESENTATIONS = {
    "sentences": sentences,
    "minilm": minilm,
    "fashion": fashion,
    "digits": digits,
    "run": run,
}
