#!/usr/bin/env python3
"""Pairs against whole labelled batches, at equal rows a step, on the latents of a finished run.

Trains networks on the stored latents of a working directory whose representation has classes as
labels: on pairs and on groups of several sizes, at several correlations.  After every epoch the
blocks of held-out examples are exchanged, and probes of raw representations, which learned with
their noise, read the donor's class and the others'.  At the end `network.same` tells whether two
held-out examples share a factor, beside the cosine of raw representations.  Prints two Markdown
tables: means over factors with their range over seeds, and the steps after which the donor's class
is read as often as at the end of the first row; and equal error rates by factor.  Writes them to
groups.md in --output.
"""

import itertools
import sys
import time
from pathlib import Path

import keras
import numpy as np
from absl import app, flags

from iin_tf import FusedAdam, InterpretationNetwork, files
from iin_tf.audits import swap_metrics, train_probes, verification_errors
from iin_tf.data import GroupSampler, group_dataset, pair_dataset
from iin_tf.experiment.config_file import load_config
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.one_view import one_view_each
from iin_tf.experiment.workdir import Workdir
from iin_tf.optimizers import ConstantThenLinear
from iin_tf.results.markdown import markdown

_CONFIG = flags.DEFINE_string("config", "configs/sentences.py", "The run's config file.")
_WORKDIR = flags.DEFINE_string("workdir", "runs/sentences", "The run's working directory.")
_KINDS = flags.DEFINE_list("kinds", ["pairs", "2", "4", "1000"], "'pairs', and sizes of groups.")
_STEPS = flags.DEFINE_integer("steps", 0, "Training steps; 0: the config's.")
_EPOCHS = flags.DEFINE_integer("epochs", 4, "How often swaps are measured.")
_SEEDS = flags.DEFINE_integer("seeds", 3, "Runs of each kind.")
_CORRELATIONS = flags.DEFINE_list("correlations", [], "Numbers, or 'learned'; none: the config's.")
_OUTPUT = flags.DEFINE_string("output", "runs/benchmarks", "Directory of the results.")


def main(argv):
    if argv[1:]:
        sys.exit(f"groups.py takes no arguments but flags; got {argv[1:]}")
    experiment = Experiment(load_config(_CONFIG.value), Workdir(_WORKDIR.value), "none")
    # What is automatic has the values that the run chose.
    config = experiment.config
    swaps = Swaps(experiment)
    rows, errors, aim = [], [], None
    per_epoch = total_steps(config) // _EPOCHS.value
    for kind, correlation in itertools.product(_KINDS.value, _CORRELATIONS.value or [None]):
        began = time.process_time()
        runs = [trained(experiment, swaps, kind, correlation, seed) for seed in range(_SEEDS.value)]
        found, error = (np.array(part) for part in zip(*runs, strict=True))
        took = (time.process_time() - began) / _SEEDS.value
        name = kind if kind == "pairs" else f"groups of {kind}"
        name += f", rho {correlation}" if correlation else ""
        donor = found[..., 0].mean(axis=0)
        aim = aim or donor[-1]
        cells = map(cell, np.moveaxis(found, 0, -1))
        rows.append([name, *cells, steps_to(aim, donor, per_epoch), f"{took:.0f}"])
        errors.append([name, *(f"{value:.3f}" for value in error[:, :, 0].mean(axis=0))])
        print(rows[-1], errors[-1], file=sys.stderr, flush=True)
    heads = [f"step {per_epoch * (k + 1)}: donor / kept" for k in range(_EPOCHS.value)]
    table = markdown(["trained on", *heads, f"steps to {aim:.3f}", "CPU s"], rows)
    # The last run's: the raw cosine depends on no network.
    errors.append(["raw cosine", *(f"{value:.3f}" for value in error[-1, :, 2])])
    table += "\n" + markdown(["equal error rate", *swaps.factors], errors)
    print(table)
    files.write_text(Path(_OUTPUT.value) / "groups.md", table)


def cell(values):
    """Donor and kept [2, seeds] as one text: mean and range of the first, mean of the second."""
    donor, kept = values
    return f"{donor.mean():.3f} ({donor.min():.3f} to {donor.max():.3f}) / {kept.mean():.3f}"


def steps_to(aim, donor, per_epoch):
    """The first measured step at which as much is reached."""
    there = donor >= aim
    return f"{per_epoch * (1 + there.argmax())}" if there.any() else "-"


def total_steps(config):
    return _STEPS.value or config.training.steps


class Swaps:
    """Reads what exchanged blocks of the test examples are taken for."""

    def __init__(self, experiment):
        train, test = experiment.store("train"), experiment.store("test")
        self.factors = [
            name for name in experiment.config.data.factors if test.labels[name].dtype.kind != "f"
        ]
        labels = {name: train.labels[name] for name in self.factors}
        noise = np.array(train.log_variance)
        self.probes = train_probes(np.array(train.mean), labels, train.source, 0, noise)
        # Examples may be sorted by their labels.
        rows = np.random.default_rng(0).permutation(
            one_view_each(test, experiment.config.data.factors)
        )[:500]
        self.z, self.source = np.array(test.mean[rows]), test.source[rows]
        self.labels = {name: test.labels[name][rows] for name in self.factors}

    def read(self, network):
        """Share of donors' classes after an exchange, and of others' that stayed: means."""
        found = swap_metrics(
            network, lambda z: z, self.probes, self.z, self.labels, self.source, donors=5
        )
        donor = [
            one.value
            for one in found.of("swap/{block}/{factor}/donor").values()
            if one.fields["block"] == one.fields["factor"]
        ]
        kept = [
            one.value
            for one in found.of("swap/{block}/{factor}/recipient").values()
            if one.fields["block"] != one.fields["factor"]
        ]
        return np.mean(donor), np.mean(kept)

    def errors(self, network):
        """Equal error rates by factor and score, [K, 3]."""
        found = verification_errors(
            network, self.z, self.labels, self.source, pairs=1000, resamples=20
        )
        return found.error


def trained(experiment, swaps, kind, correlation, seed):
    """Donor and kept after every epoch [epochs, 2], and the equal error rates at the end."""
    config = experiment.config
    settings = dict(config.network)
    if correlation:
        settings["correlation"] = correlation if correlation == "learned" else float(correlation)
    network = InterpretationNetwork(experiment.workdir.layout(), seed=seed, **settings)
    training, steps = config.training, total_steps(config)
    network.compile(
        FusedAdam(
            ConstantThenLinear(training.learning_rate, steps, training.decay),
            beta_1=training.beta_1,
            beta_2=training.beta_2,
            weight_decay=training.weight_decay or None,
        )
    )
    found = []
    after = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: found.append(swaps.read(network))
    )
    per_epoch = steps // _EPOCHS.value
    data = batches(experiment, kind, seed)
    network.fit(data, steps_per_epoch=per_epoch, epochs=_EPOCHS.value, callbacks=[after], verbose=0)
    return found, swaps.errors(network)


def batches(experiment, kind, seed):
    """Pairs, or groups of `kind` members in batches of as many rows."""
    config, store = experiment.config, experiment.store("train")
    pairs = config.training.batch_size // (2 if config.pairs.kind == "groups" else 1)
    if kind == "pairs":
        return pair_dataset(store, experiment.sampler("train", seed), pairs, seed=seed)
    factors = config.data.factors
    labels = {name: store.labels[name] for name in factors}
    sampler = GroupSampler(labels, factors, source=store.source, members=int(kind), seed=seed)
    return group_dataset(store, sampler, 2 * pairs, seed=seed)


if __name__ == "__main__":
    app.run(main)
