"""One setting of a network on one representation: what swaps reach on held-out rows.

    python benchmarks/settings.py sentences steps=800 noise=0.58
    python benchmarks/settings.py fashion --files=/usr/share/datasets/fashion-mnist mixing=linear
    python benchmarks/settings.py quickstart --workdir=runs/quickstart wd=0.1
    python benchmarks/settings.py sentences --auto

`sentences` are those of configs/sentences.py (wordllama, 256 dimensions); `fashion` the first 8,000
and 2,000 pictures of Fashion-MNIST in one of eight colours, by their 64 leading principal
components; `quickstart` the latents of a finished workdir.  Prints one row of a Markdown table.
Probes of raw training rows read 500 edited test rows, with four donors each.
"""

import argparse
import dataclasses
import gzip
import json
import sys
import time
from pathlib import Path

import numpy as np

import iin_tf
from iin_tf.audits.interchange import swap_metrics
from iin_tf.audits.likelihood import pair_nll
from iin_tf.audits.probes import train_probes
from iin_tf.data import ArrayLatents, LatentStore, PairSampler, pair_dataset
from iin_tf.first_stages.noise import representation_noise
from iin_tf.optimizers import ConstantThenLinear, FusedAdam

FLOW = {"blocks": 4, "hidden": 128, "depth": 1, "mixing": "linear", "front": None}
WIDE = {**FLOW, "blocks": 8, "hidden": 256, "depth": 2}
TRAINING = {"steps": 800, "lr": 1e-3, "wd": 0.0, "clip": 0.0, "rho": 0.975, "seed": 0}
# Of each data set: factors, noise of one size in all directions, sizes, flow.
DEFAULTS = {
    "sentences": {**FLOW, "noise": 0.58, "sizes": [10, 10, 10, 10]},
    "fashion": {**WIDE, "noise": 0.2, "sizes": [16, 5]},
    "quickstart": {**WIDE, "noise": None, "sizes": [15, 16], "mixing": "permutation"},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", choices=list(DEFAULTS))
    parser.add_argument("changes", nargs="*", help="key=value in place of a default")
    parser.add_argument("--files", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--workdir", default="runs/quickstart")
    parser.add_argument("--auto", action="store_true", help="what iin_tf.suggest says")
    options = parser.parse_intermixed_args()  # key=value after --files too
    changes = {key: parsed(value) for key, value in (c.split("=", 1) for c in options.changes)}
    splits = {"sentences": sentences, "fashion": fashion, "quickstart": quickstart}[options.data]
    train, validation, test = splits(options)
    chosen = {**TRAINING, **DEFAULTS[options.data]}
    if options.auto:
        suggested = iin_tf.suggest(*train[:2], source=train[2], log_variance=train[3])
        print(suggested, file=sys.stderr)
        chosen |= as_chosen(suggested)
    chosen |= changes
    start = time.process_time()
    network, nll = trained(train, validation, chosen)
    spent = time.process_time() - start
    probes = train_probes(*train[:3])
    found = swap_metrics(network, lambda z: z, probes, *test, donors=4, seed=0)
    own = [reached(found, name) for name in train[1]]
    told = "auto" if options.auto else ""
    said = " ".join([told, *options.changes]).strip() or "as it stands"
    print(f"| {options.data} | {said} | {' / '.join(own)} | {nll:.1f} | {spent:.0f} |", flush=True)


def parsed(text):
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def as_chosen(settings):
    values = dataclasses.asdict(settings)
    chosen = {key: values[key] for key in (*FLOW, "noise", "steps")}
    sizes = list(settings.layout.sizes[1:])
    return {**chosen, "sizes": sizes, "lr": settings.learning_rate, "wd": settings.weight_decay}


def reached(found, factor):
    """The donor's value after an exchange of the factor's own block: a fraction, or an error."""
    fields = {"block": factor, "factor": factor}
    kinds = ("swap/{block}/{factor}/donor", "swap/{block}/{factor}/donor_error")
    (result,) = (one for one in (found.find(kind, **fields) for kind in kinds) if one)
    return f"{result.value:.3f}"


def trained(train, validation, chosen):
    """The network, and its negative log-likelihood of held-out pairs."""
    z, labels, source, log_variance = train
    layout = layout_of(z, labels, source, chosen["sizes"])
    if log_variance is None:
        log_variance = representation_noise(z, chosen["noise"], "isotropic")
    flow = {key: chosen[key] for key in FLOW}
    network = iin_tf.InterpretationNetwork(
        layout, correlation=chosen["rho"], seed=chosen["seed"], **flow
    )
    network.compile(
        FusedAdam(
            ConstantThenLinear(chosen["lr"], chosen["steps"]),
            beta_2=0.99,
            weight_decay=chosen["wd"] or None,
            global_clipnorm=chosen["clip"] or None,
        )
    )
    seed = 2 * chosen["seed"]
    pairs = PairSampler(labels, [*labels], source=source, seed=seed)
    batches = pair_dataset(ArrayLatents(z, log_variance), pairs, 128, seed=seed)
    network.fit(batches, steps_per_epoch=chosen["steps"], verbose=0)
    z, labels, source, held_out = validation
    held_out = log_variance if held_out is None else held_out
    pairs = PairSampler(labels, [*labels], source=source, seed=1)
    held_out_pairs = pair_dataset(ArrayLatents(z, held_out), pairs, 256, steps=8, seed=1)
    return network, float(pair_nll(network, held_out_pairs)[0])


def layout_of(z, labels, source, sizes):
    """Sizes as they are given, or by a method of `estimate_factor_sizes`."""
    if isinstance(sizes, list):
        return iin_tf.FactorLayout(
            dict(zip(labels, sizes, strict=True)), residual=z.shape[1] - sum(sizes)
        )
    pairs = PairSampler(labels, [*labels], source=source, seed=5)
    index_a, index_b, shared = pairs.draw(20_000, 0)
    return iin_tf.estimate_factor_sizes(z[index_a], z[index_b], shared, [*labels], method=sizes)


def sentences(options):
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from configs import sentences as config

    def rows(split):
        texts, labels = config.sentences(split, split)
        return config.get_first_stage(config.get_config()), texts, labels

    parts = []
    for split in ("train", "test"):
        stage, texts, labels = rows(split)
        parts.append((np.asarray(stage.represent(np.array(texts))), labels))
    return held_out(*parts)


def fashion(options):
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


def held_out(train, test):
    """Training, validation (7 %) and 500 test rows of representations without noise."""
    random = np.random.default_rng(0)
    z, labels = train
    rows = np.arange(len(z))
    out = np.isin(rows, random.choice(rows, int(0.07 * len(z)), replace=False))
    few = random.permutation(len(test[0]))[:500]
    split = [
        (z[part], {name: values[part] for name, values in labels.items()}, rows[part], None)
        for part in (~out, out)
    ]
    return (*split, (test[0][few], {n: v[few] for n, v in test[1].items()}, few))


def quickstart(options):
    parts = []
    for split in ("train", "validation", "test"):
        store = LatentStore(Path(options.workdir) / "latents" / split)
        labels = {name: np.array(store.labels[name]) for name in ("digit", "color")}
        parts.append((np.array(store.mean), labels, store.source, np.array(store.log_variance)))
    z, labels, source, _ = parts[2]
    few = np.unique(source, return_index=True)[1]
    few = np.random.default_rng(0).permutation(few)[:500]
    test = (z[few], {name: values[few] for name, values in labels.items()}, source[few])
    return parts[0], parts[1], test


if __name__ == "__main__":
    main()
