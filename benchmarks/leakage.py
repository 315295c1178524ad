#!/usr/bin/env python3
"""What is left of the factors in other blocks, and how noise and decorrelation change it.

    python benchmarks/leakage.py --config=configs/speech.py --workdir=runs/speech

Trains networks on the stored latents of a working directory, with its config's settings: as it
is, with noise that falls to a fifth, and both of them decorrelated afterwards.  The strongest of
three readers, of rows without noise, reads each factor from its own block, from the residual and
from the other factors' blocks; probes of raw rows, which learned with the noise, read 500 test rows
after exchanges.  Prints a Markdown table: means over seeds, classes as fractions.
"""

import sys
import time

import numpy as np
from absl import app, flags

from iin_tf import FusedAdam, InterpretationNetwork
from iin_tf.audits import swap_metrics, train_probes
from iin_tf.audits.strongest import strongest_readers
from iin_tf.data import FallingNoise, pair_dataset
from iin_tf.experiment.config_file import load_config
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.one_view import one_view_each
from iin_tf.experiment.workdir import Workdir
from iin_tf.optimizers import ConstantThenLinear
from iin_tf.results.markdown import markdown

_CONFIG = flags.DEFINE_string("config", "configs/speech.py", "The run's config file.")
_WORKDIR = flags.DEFINE_string("workdir", "runs/speech", "The run's working directory.")
_ENDS = flags.DEFINE_list("ends", ["1", "0.2"], "Of the noise, what is left at the end.")
_STEPS = flags.DEFINE_integer("steps", 0, "Training steps; 0: the config's.")
_SEEDS = flags.DEFINE_integer("seeds", 1, "Networks of each kind.")
_ROWS = flags.DEFINE_integer("rows", 1500, "Training rows that readers learn from.")


def main(argv):
    if argv[1:]:
        sys.exit(f"leakage.py takes no arguments but flags; got {argv[1:]}")
    experiment = Experiment(load_config(_CONFIG.value), Workdir(_WORKDIR.value), "none")
    audit = Audit(experiment)
    found = {}
    for end in map(float, _ENDS.value):
        for seed in range(_SEEDS.value):
            began = time.process_time()
            network = trained(experiment, end, seed)
            took = time.process_time() - began
            told = "as the config" if end == 1 else f"noise falls to {end:g}"
            found.setdefault(told, []).append([*audit.read(network), took])
            if network.flow.mixing == "linear":
                network.decorrelate(audit.train[0])
                found.setdefault(f"{told}, decorrelated", []).append([*audit.read(network), took])
            print(told, found[told][-1], file=sys.stderr, flush=True)
    heads = ["trained", "own block", "residual", "its null", "most of another block above its null"]
    heads += ["swap to donor", "others kept", "CPU s"]
    print("factors:", " / ".join(audit.factors), f"({_WORKDIR.value})")
    rows = [[told, *map(cell, zip(*values, strict=True))] for told, values in found.items()]
    print(markdown(heads, rows), flush=True)


def cell(values):
    means = np.atleast_1d(np.mean(values, axis=0))
    return " / ".join(f"{mean:.0f}" if mean > 3 else f"{mean:.2f}" for mean in means)


class Audit:
    """Reads a network's blocks, and edits that it makes."""

    def __init__(self, experiment):
        train, test = experiment.store("train"), experiment.store("test")
        names = experiment.config.data.factors
        self.factors = [name for name in names if test.labels[name].dtype.kind != "f"]
        some = np.random.default_rng(0).permutation(len(train))[:5000]
        self.train = rows_of(train, self.factors, some)
        log_variance = np.array(train.log_variance[some])
        self.probes = train_probes(*self.train, log_variance=log_variance)
        some = np.random.default_rng(0).permutation(one_view_each(test, names))[:500]
        self.test = rows_of(test, self.factors, some)

    def read(self, network):
        """Own blocks, residual, its nulls, the most above null elsewhere, donor's, kept."""
        codes = [(network.transform(z).numpy(), *rest) for z, *rest in (self.train, self.test)]
        found = strongest_readers(*codes, network.layout, rows=_ROWS.value)
        places = [network.layout.index(name) for name in self.factors]
        above = (found.score - found.null)[places]
        np.fill_diagonal(above, -1)
        swaps = swap_metrics(network, lambda z: z, self.probes, *self.test, donors=5)
        donor, kept = [], []
        for kind, values, own in (("donor", donor, True), ("recipient", kept, False)):
            for one in swaps.of("swap/{block}/{factor}/" + kind).values():
                # An exchange of the residual is to keep all of them.
                if (one.fields["block"] == one.fields["factor"]) == own:
                    values.append(one.value)
        own = [found.score[place, k] for k, place in enumerate(places)]
        return own, found.score[0], found.null[0], above.max(), donor, np.mean(kept)


def rows_of(store, factors, rows):
    labels = {name: store.labels[name][rows] for name in factors}
    return np.array(store.random_rows["mean"][rows]), labels, store.source[rows]


def trained(experiment, end, seed):
    config = experiment.config
    training, steps = config.training, _STEPS.value or config.training.steps
    network = InterpretationNetwork(experiment.workdir.layout(), seed=seed, **config.network)
    network.compile(
        FusedAdam(
            ConstantThenLinear(training.learning_rate, steps, training.decay),
            beta_1=training.beta_1,
            beta_2=training.beta_2,
            weight_decay=training.weight_decay or None,
        )
    )
    store = experiment.store("train")
    store = store if end == 1 else FallingNoise(store, end, steps)
    sampler = experiment.sampler("train", seed)
    batches = pair_dataset(store, sampler, training.batch_size, seed=seed)
    network.fit(batches, steps_per_epoch=steps, verbose=0)
    return network


if __name__ == "__main__":
    app.run(main)
