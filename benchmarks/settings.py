#!/usr/bin/env python3
"""Settings of a network on one representation: what swaps reach on held-out rows.

    python benchmarks/settings.py sentences "steps=800" "steps=800 wd=0.1" --seeds=3
    python benchmarks/settings.py fashion --files=/usr/share/datasets/fashion-mnist
    python benchmarks/settings.py digits auto "auto noise=0.1"
    python benchmarks/settings.py run --workdir=runs/speech "" "members=4 rho=0.9"

`sentences` are those of configs/sentences.py (wordllama, 256 dimensions), `minilm` the same
through the transformer of configs/minilm.py (382); `fashion` pictures of Fashion-MNIST in one of
eight colours, by their 64 leading principal components; `digits` scikit-learn's, in one of four
turns, by their pixels; `run` the latents of a finished working directory, whose own settings are
the defaults.  Every quoted text is a row: key=value in place of the defaults, and `auto` for what
iin_tf.suggest says.  Prints a Markdown table.

Probes of raw training rows, which learned with the noise of the defaults, read edited rows, with
four donors each.  "Validation" are originals of the training that no network saw, of sentences such
of words and templates that none saw: choose by them.  `members=4` trains on groups in place of
pairs, `end=0.2` lets the noise fall, `own=0.5` halves the noise that a representation brings,
`shares=but_one` adds pairs that share all factors but one, `weights={"kind":4}` draws a factor
more often, `init=runs/x/iin.keras` goes on from a network's weights.
"""

import argparse
import dataclasses
import json
import sys
import time

import numpy as np
from regularisation import WarmUp, dropout
from representations import REPRESENTATIONS, TESTED, run_settings

import iin_tf
from iin_tf.audits import swap_metrics, train_probes
from iin_tf.audits.likelihood import pair_nll
from iin_tf.audits.strongest import strongest_readers
from iin_tf.data import (
    ArrayLatents,
    FallingNoise,
    GroupSampler,
    PairSampler,
    group_dataset,
    pair_dataset,
)
from iin_tf.first_stages.noise import representation_noise
from iin_tf.optimizers import FusedAdam

FLOW = {"blocks": 4, "hidden": 128, "depth": 1, "mixing": "linear", "front": None}
WIDE = {**FLOW, "blocks": 8, "hidden": 256, "depth": 2}
TRAINING = {"steps": 800, "lr": 1e-3, "wd": 0.0, "clip": 0.0, "rho": 0.975, "members": 0}
TRAINING |= {
    "own": 1.0,
    "end": 1.0,
    "warm": 1,
    "dropout": 0.0,
    "shares": "one",
    "kind": "isotropic",
    "init": "",
    "weights": {},
}
# Of each representation: factors, noise of one size in all directions, sizes, flow.
DEFAULTS = {
    "sentences": {**FLOW, "noise": 0.58, "sizes": [10, 10, 10, 10]},
    "minilm": {**FLOW, "noise": 0.58, "sizes": [10, 10, 10, 10]},
    "fashion": {**WIDE, "noise": 0.2, "sizes": [16, 5]},
    "digits": {**WIDE, "noise": 0.2, "sizes": [16, 5]},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", choices=list(REPRESENTATIONS))
    parser.add_argument("settings", nargs="*", default=[""], help="a row each: key=value ...")
    parser.add_argument("--files", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--workdir", default="runs/quickstart")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--readers", action="store_true", help="what each block tells, too")
    options = parser.parse_intermixed_args()  # settings after --files too
    splits = REPRESENTATIONS[options.data](options)
    defaults = run_settings(options) if options.data == "run" else DEFAULTS[options.data]
    noise = noise_of(splits[0], splits[0], {**TRAINING, **defaults})
    noise = np.broadcast_to(noise, splits[0][0].shape)
    probes = train_probes(*splits[0][:3], log_variance=noise)
    untouched = [told(np.mean(probe.read(splits[2][0]) == splits[2][1][name]))
                 for name, probe in probes.items() if not probe.continuous]  # fmt: skip
    print("factors:", " / ".join(probes), "; untouched:", " / ".join(untouched), flush=True)
    heads = ["setting", "validation: donor's / kept", "test: donor's", "mean", "kept", "nll"]
    print("|", " | ".join([*heads, "CPU s"]), "|\n" + "| --- " * 7 + "|", flush=True)
    for setting in options.settings:
        chosen = chosen_of(setting, defaults, splits[0])
        print("|", setting or "as it stands", "|", row(splits, chosen, probes, options), flush=True)


def chosen_of(setting, defaults, train):
    chosen, words = {**TRAINING, **defaults}, setting.split()
    if "auto" in words:
        words.remove("auto")
        z, labels, source, log_variance = train
        suggested = iin_tf.suggest(z, labels, source=source, log_variance=log_variance)
        print(suggested, file=sys.stderr)
        chosen |= as_chosen(suggested)
    return chosen | {key: parsed(value) for key, value in (word.split("=", 1) for word in words)}


def parsed(text):
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def as_chosen(settings):
    values = dataclasses.asdict(settings)
    chosen = {key: values[key] for key in (*FLOW, "noise", "steps", "members")}
    chosen |= {"sizes": list(settings.layout.sizes[1:]), "kind": settings.noise_kind}
    chosen |= {"lr": settings.learning_rate, "wd": settings.weight_decay}
    return {**chosen, "rho": settings.correlation}


def row(splits, chosen, probes, options):
    """The cells of a setting: means over seeds, with the range of the donors' mean."""
    began, networks = time.process_time(), []
    for seed in range(options.seeds):
        networks.append(trained(splits[0], chosen, seed))
    spent = (time.process_time() - began) / options.seeds
    held_out, test = (
        [read(network, probes, split) for network in networks] for split in splits[1:]
    )
    nll = np.mean([held_out_nll(network, splits, chosen) for network in networks])
    own = {name: np.mean([one[0][name] for one in test]) for name in probes}
    donors = [f"error {own[name]:.3f}" if probes[name].continuous else told(own[name])
              for name in own]  # fmt: skip
    means = [one[1] for one in test]
    spread = f" ({min(means):.3f} to {max(means):.3f})" if len(means) > 1 else ""
    kept = [np.mean([one[place] for one in held_out]) for place in (1, 2)]
    cells = [" / ".join(map(told, kept)), " / ".join(donors), told(np.mean(means)) + spread]
    cells += [told(np.mean([one[2] for one in test])), f"{nll:.1f}", f"{spent:.0f}"]
    if options.readers:
        cells.append(told_by_blocks(networks[0], splits))
    return " | ".join(cells) + " |"


def told(value):
    return f"{value:.3f}"


def read(network, probes, split):
    """Donor's value by factor after an exchange of its block, their mean over classes, and kept."""
    z, labels, source, _ = split
    labels = {name: values[:TESTED] for name, values in labels.items()}
    found = swap_metrics(
        network, lambda z: z, probes, z[:TESTED], labels, source[:TESTED], donors=4, seed=0
    )
    own, kept = {}, []
    for one in found.of("swap/{block}/{factor}/donor_error").values():
        if one.fields["block"] == one.fields["factor"]:
            own[one.fields["factor"]] = one.value
    classes = []
    for kind, values, same in (("donor", classes, True), ("recipient", kept, False)):
        for one in found.of("swap/{block}/{factor}/" + kind).values():
            block, factor = one.fields["block"], one.fields["factor"]
            if block in probes and (block == factor) == same:
                values.append(one.value)
                if same:
                    own[factor] = one.value
    return own, np.mean(classes), np.mean(kept)


def told_by_blocks(network, splits):
    """What the strongest reader reads from own blocks, and most elsewhere above its null."""
    parts = [(network.transform(z).numpy(), *rest) for z, *rest, _ in (splits[0], splits[2])]
    found = strongest_readers(*parts, network.layout, rows=1500)
    own = [found.score[1 + k, k] for k in range(len(found.factors))]
    above = found.score - found.null
    above[1:][np.eye(len(own), dtype=bool)] = -1
    return " / ".join(map(told, own)) + f", elsewhere {above.max():.3f}"


def trained(train, chosen, seed):
    z, labels, source, _ = train
    flow = {key: chosen[key] for key in FLOW}
    network = iin_tf.InterpretationNetwork(
        layout_of(train, chosen["sizes"]), correlation=chosen["rho"], seed=seed, **flow
    )
    rate = WarmUp(chosen["lr"], chosen["steps"], chosen["warm"])
    if chosen["init"]:
        network.set_weights(iin_tf.load(chosen["init"]).get_weights())
    network.compile(
        FusedAdam(
            rate,
            beta_2=0.99,
            weight_decay=chosen["wd"] or None,
            global_clipnorm=chosen["clip"] or None,
        )
    )
    store = ArrayLatents(z, noise_of(train, train, chosen))
    if chosen["own"] < 1:
        store = FallingNoise(store, chosen["own"], 0)
    if chosen["end"] < 1:
        store = FallingNoise(store, chosen["end"], chosen["steps"])
    names, drawn = [*labels], {"weights": chosen["weights"] or None, "seed": 2 * seed}
    if chosen["members"]:
        sampler = GroupSampler(labels, names, source=source, members=chosen["members"], **drawn)
        batches = group_dataset(store, sampler, 256, seed=2 * seed)
    else:
        shares = names if chosen["shares"] == "one" else names + but_one(names)
        sampler = PairSampler(labels, names, shares=shares, source=source, **drawn)
        batches = pair_dataset(store, sampler, 128, seed=2 * seed)
    with dropout(chosen["dropout"]):
        network.fit(batches, steps_per_epoch=chosen["steps"], verbose=0)
    return network


def but_one(names):
    """All factors but one, for each."""
    return [tuple(name for name in names if name != out) for out in names]


def noise_of(split, train, chosen):
    """Log-variance of a split's rows: their own unless `noise` says how much of the spread."""
    if chosen["noise"] is None:
        return split[3]
    return representation_noise(train[0], chosen["noise"], chosen["kind"])


def held_out_nll(network, splits, chosen):
    """The negative log-likelihood of pairs of validation rows."""
    z, labels, source, _ = splits[1]
    store = ArrayLatents(z, noise_of(splits[1], splits[0], chosen))
    pairs = PairSampler(labels, [*labels], source=source, seed=1)
    return float(pair_nll(network, pair_dataset(store, pairs, 256, steps=8, seed=1))[0])


def layout_of(train, sizes):
    """Sizes as they are given, or by a method of `estimate_factor_sizes`."""
    z, labels, source, _ = train
    if not isinstance(sizes, str):
        given = dict(zip(labels, sizes, strict=True))
        return iin_tf.FactorLayout(given, residual=z.shape[1] - sum(sizes))
    pairs = PairSampler(labels, [*labels], source=source, seed=5)
    index_a, index_b, shared = pairs.draw(20_000, 0)
    return iin_tf.estimate_factor_sizes(z[index_a], z[index_b], shared, [*labels], method=sizes)


if __name__ == "__main__":
    main()
