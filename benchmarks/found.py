#!/usr/bin/env python3
"""What networks find of each factor: the answers that an experiment is to give, over seeds.

    python benchmarks/found.py --workdir=runs/sentences --seeds=3
    python benchmarks/found.py --workdir=runs/speech --setting=auto

Trains networks on the latents of a finished working directory, with its settings or with those
that are given as to benchmarks/settings.py, and reads the test (500 originals) twice: as it was
encoded, and with the noise that the network learned with, drawn once.  Of each factor, means and
ranges over seeds:

    raw           what the strongest of a linear, a kernel's and a perceptron's reader reads of
                  the representation, before any network
    own block     what the strongest reads of the factor's block
    untouched     what probes read of rows that were not edited
    donor's       how often they read the donor's value after its exchange
    others kept   how often they read the other factors as before
    residual, other blocks
                  what the strongest reads above its null there; of other blocks the most
    same          the equal error rate of `network.same`, and that of the cosine of raw rows

Probes learn with that noise, as those of a report do; of rows as they were encoded, they would take
nonsense from columns that hardly vary.  Readers learn from rows of the kind that they read.
"""

import argparse
import sys

import numpy as np
from representations import run, run_settings
from settings import chosen_of, noise_of, trained

from iin_tf.audits import swap_metrics, train_probes, verification_errors
from iin_tf.audits.strongest import strongest_readers
from iin_tf.results.markdown import markdown

HEADS = ("raw", "own block", "untouched", "donor's", "others kept", "residual", "other blocks")
HEADS += ("same", "cosine")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workdir", default="runs/sentences")
    parser.add_argument("--setting", default="", help="key=value ..., or auto")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=2000, help="that readers learn from")
    options = parser.parse_args()
    splits = run(options)
    chosen = chosen_of(options.setting, run_settings(options), splits[0])
    with_noise = noisy(splits, chosen)
    probes = probes_of(with_noise[0])
    audits = {
        "as encoded": Audit(splits, probes, options.rows),
        "with the noise": Audit(with_noise, probes, options.rows),
    }
    found = {told: [] for told in audits}
    for seed in range(options.seeds):
        network = trained(splits[0], chosen, seed)
        for told, audit in audits.items():
            found[told].append(audit.of(network))
            print(seed, told, np.round(found[told][-1], 3).tolist(), file=sys.stderr, flush=True)
    rows = []
    for told, values in found.items():
        for name, cells in zip(audits[told].factors, np.moveaxis(values, 0, -1), strict=True):
            rows.append([told, name, *map(cell, cells)])
    print(markdown(["representation", "factor", *HEADS], rows), flush=True)


def cell(values):
    """Mean and range of the seeds' values."""
    text = f"{np.mean(values):.3f}"
    low, high = f"{min(values):.3f}", f"{max(values):.3f}"
    return text if low == high else f"{text} ({low} to {high})"


def noisy(splits, chosen):
    """The splits, each row with noise that is drawn once."""
    random, found = np.random.default_rng(0), []
    for split in splits:
        noise = np.exp(noise_of(split, splits[0], chosen) / 2)
        found.append((split[0] + noise * random.normal(size=split[0].shape), *split[1:]))
    return found


def probes_of(train):
    """Probes of 5,000 training rows."""
    z, labels, source, _ = train
    rows = np.random.default_rng(0).permutation(len(z))[:5000]
    return train_probes(
        z[rows], {name: values[rows] for name, values in labels.items()}, source[rows]
    )


class Audit:
    """Reads the codes and edits of networks on one representation.

    Args:
      splits: training, validation and test rows.
      probes: that read edited rows.
      rows: of the training, that readers learn from.
    """

    def __init__(self, splits, probes, rows):
        self.train, self.test = ((z.astype("f4"), *rest) for z, *rest, _ in splits[::2])
        self.factors, self.rows = [*self.train[1]], rows
        self.probes = probes
        z, labels, _ = self.test
        self.untouched = [np.mean(probes[name].read(z) == labels[name]) for name in self.factors]
        columns = {"raw": np.arange(self.train[0].shape[1])}
        self.raw = strongest_readers(self.train, self.test, columns, rows).score[0]

    def of(self, network):
        """A row for each factor, a number for each of `HEADS`."""
        parts = [(network.transform(z).numpy(), *rest) for z, *rest in (self.train, self.test)]
        read = strongest_readers(*parts, network.layout, self.rows)
        above = read.score - read.null
        same = verification_errors(network, *self.test, pairs=1000, resamples=20).error
        swaps = swap_metrics(network, lambda z: z, self.probes, *self.test, donors=4)
        table = []
        for k, name in enumerate(self.factors):
            donor = swaps.find("swap/{block}/{factor}/donor", block=name, factor=name).value
            others = swaps.of("swap/{block}/{factor}/recipient", block=name).values()
            kept = np.mean([one.value for one in others if one.fields["factor"] != name])
            elsewhere = np.delete(above[1:, k], k).max()
            found = (self.raw[k], read.score[1 + k, k], self.untouched[k], donor, kept)
            table.append([*found, above[0, k], elsewhere, same[k, 0], same[k, 2]])
        return table


if __name__ == "__main__":
    main()
