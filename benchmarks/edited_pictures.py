#!/usr/bin/env python3
"""Settings of a network on pictures: what judges read after an exchange, over seeds.

    python benchmarks/edited_pictures.py --workdir=runs/fashion_mnist "" "rho=0.9" --seeds=3
    python benchmarks/edited_pictures.py --workdir=runs/quickstart "steps=600" --split=test
    python benchmarks/edited_pictures.py --workdir=runs/fashion_mnist --lost

Trains networks on the latents of a finished working directory whose first stage decodes, with the
settings of the run or, in place of some, with key=value as in benchmarks/settings.py; every quoted
text is a row.  `decorrelate=1` takes out of the residual what is linear in the factors' blocks.
Judges, trained anew on images alone, read the pictures.  "Validation" are originals of the
training that no network saw: choose by them.

Prints a Markdown table, means and ranges over seeds: the first factor, which has classes, as the
donor's after its block was exchanged, also as a part of what the judge reads of reconstructions;
the first factor as before after the residual was exchanged; the second factor's error to the
recipient's after the first block was exchanged, also in units of the reconstructions' error; the
negative log-likelihood of held-out pairs, comparable at equal sizes and noise only.

`--lost` reads the run's own network in place of training any: where the first factor's class is
lost on its way from a donor.
"""

import argparse
import time

import numpy as np
from found import cell
from lost_classes import lost_classes
from representations import run, run_settings
from settings import TRAINING, chosen_of, held_out_nll, trained

import iin_tf
from iin_tf.audits import swap_metrics
from iin_tf.audits.judging import judge_metrics
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.images import train_judges
from iin_tf.experiment.recorded import recorded_config
from iin_tf.experiment.workdir import Workdir

# Of the training, that readers learn from.
MOST = 50_000


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("settings", nargs="*", default=[""], help="a row each: key=value ...")
    parser.add_argument("--workdir", default="runs/fashion_mnist")
    parser.add_argument("--split", choices=["validation", "test"], default="validation")
    parser.add_argument("--rows", type=int, default=1500, help="examples that receive and give")
    parser.add_argument("--donors", type=int, default=2, help="for each of them")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--lost", action="store_true", help="where the run's network loses classes")
    options = parser.parse_intermixed_args()
    splits, defaults = run(options), {**TRAINING, "decorrelate": 0, **run_settings(options)}
    seen = Pictures(options)
    print(seen.told(), flush=True)
    if options.lost:
        print(seen.lost(splits[0]))
        return
    heads = ["setting", f"{seen.factor}: donor's", "of readable", "residual: kept", "of readable"]
    heads += [f"{seen.other} error", "times reconstructions'", "nll", "CPU s"]
    print("|", " | ".join(heads), "|\n" + "| --- " * len(heads) + "|", flush=True)
    for setting in options.settings:
        chosen = chosen_of(setting, defaults, splits[0])
        began, networks = time.process_time(), []
        for seed in range(options.seeds):
            networks.append(trained(splits[0], chosen, seed))
            if chosen["decorrelate"]:
                networks[-1].decorrelate(splits[0][0])
        spent = (time.process_time() - began) / options.seeds
        read = np.transpose([seen.read(network) for network in networks])
        nll = np.mean([held_out_nll(network, splits, chosen) for network in networks])
        cells = [cell(values) for values in read]
        print("|", " | ".join([setting or "as the run", *cells, f"{nll:.1f}", f"{spent:.0f}"]), "|",
              flush=True)  # fmt: skip


class Pictures:
    """Held-out examples of a run, and judges of their pictures."""

    def __init__(self, options):
        workdir = Workdir(options.workdir)
        self.experiment = Experiment(recorded_config(workdir), workdir, "none")
        self.factor, self.other = self.experiment.config.data.factors[:2]
        self.judges = train_judges(self.experiment)
        store, self.donors = self.experiment.store(options.split), options.donors
        rows = np.sort(np.random.default_rng(0).permutation(len(store))[: options.rows])
        self.z, self.source = np.array(store.mean)[rows], np.array(store.source)[rows]
        self.labels = {name: np.array(store.labels[name])[rows] for name in self.judges}
        images = self.experiment.decode(self.z)
        read = judge_metrics(self.judges, images, images, self.labels)
        self.readable = read.find("judge/{factor}/reconstruction", factor=self.factor).value
        self.error = read.find("judge/{factor}/reconstruction_error", factor=self.other).value

    def told(self):
        """What is read of untouched reconstructions."""
        return (
            f"{len(self.z)} examples, {self.donors} donors each; of reconstructions the judges "
            f"read {self.factor} in {self.readable:.3f}, {self.other} with an error of "
            f"{self.error:.3f}\n"
        )

    def lost(self, train):
        """Where the run's network loses the first factor's classes."""
        own = self.factor
        return lost_classes(
            iin_tf.load(self.experiment.workdir.network),
            self.experiment.decode,
            self.judges[own],
            (train[0][:MOST], train[1][own][:MOST]),
            self.z,
            self.labels[own],
            own,
        )

    def read(self, network):
        """The six figures of a network."""
        found = swap_metrics(
            network,
            self.experiment.decode,
            self.judges,
            self.z,
            self.labels,
            self.source,
            donors=self.donors,
        )

        def value(block, factor, role):
            return found.find("swap/{block}/{factor}/" + role, block=block, factor=factor).value

        own, other = self.factor, self.other
        donor, kept = value(own, own, "donor"), value("residual", own, "recipient")
        error = value(own, other, "recipient_error")
        return [donor, donor / self.readable, kept, kept / self.readable, error, error / self.error]


if __name__ == "__main__":
    main()
