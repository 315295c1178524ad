#!/usr/bin/env python3
"""What a network on sentences still does where the test differs, and with how many originals.

    python benchmarks/generalisation.py --originals=100,300,1000,3000,10000 --seeds=1
    python benchmarks/generalisation.py --tables=topics --seeds=3 --config=minilm

The sentences of configs/sentences.py (wordllama, 256 dimensions) or, through a transformer, of
configs/minilm.py (384), with what iin_tf.suggest says.  Trains on pairs and on groups of four, at
256 rows a step.  The blocks of 500 test sentences are exchanged with four donors each, and probes
that learned from raw training rows read the result.  The tests:

    held out      sentences of words and templates that training has
    templates     words of the training, templates of their own
    words         templates of the training, words of their own
    both          words and templates of their own
    topics        the last two topics, of which training has no sentence; tense, person and
                  sentiment are exchanged

Prints Markdown tables: means over factors of the donor's value after an exchange of its own
block, of the other factors kept, and of what the probes read of untouched sentences.
"""

import argparse
import dataclasses
import sys
import time
from pathlib import Path

import numpy as np

import iin_tf
from iin_tf.audits import swap_metrics, train_probes
from iin_tf.results.markdown import markdown

sys.path.insert(0, str(Path(__file__).parents[1]))
from configs import minilm, sentences

CONFIGS = {"sentences": sentences, "minilm": minilm}

GROUP = 4
UNSEEN_TOPICS = (6, 7)
TESTS = {"templates": ("train", "test"), "words": ("test", "train"), "both": ("test", "test")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--originals", default="100,300,1000,3000,10000")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--config", choices=list(CONFIGS), default="sentences")
    parser.add_argument("--tables", default="originals,topics", help="one of these, or both")
    options = parser.parse_args()
    module = CONFIGS[options.config]
    stage = module.get_first_stage(module.get_config())
    stage.adapt(np.array(sentences.sentences("train", "train")[0]))
    z, labels = rows_of(stage, "train", "train")
    order = np.random.default_rng(0).permutation(len(z))
    if "originals" in options.tables:
        print(by_originals(stage, z, labels, order, options))
    if "topics" in options.tables:
        print(unseen_topics(z, labels, order, options))


def by_originals(stage, z, labels, order, options):
    """A table: every test, for networks of fewer and more originals."""
    counts = [int(count) for count in options.originals.split(",")]
    held_out = order[max(counts) :][:500]
    tests = {"held out": part(z, labels, held_out)}
    for name, (words, templates) in TESTS.items():
        tests[name] = some(*rows_of(stage, words, templates))
    probes = train_probes(*part(z, labels, order[: max(counts)]))
    rows = [["untouched", "-", *(untouched(probes, *test) for test in tests.values()), "-"]]
    for count in counts:
        for kind in ("pairs", "groups"):
            chosen = part(z, labels, order[:count])
            rows.append([count, kind, *measured(chosen, kind, probes, tests, options)])
            print(rows[-1], file=sys.stderr, flush=True)
    return markdown(["originals", "trained on", *tests, "CPU s"], rows)


def rows_of(stage, words, templates):
    texts, labels = sentences.sentences(words, templates)
    return np.asarray(stage.encode(np.array(texts))[0]), labels


def part(z, labels, rows):
    return z[rows], {name: values[rows] for name, values in labels.items()}


def some(z, labels):
    return part(z, labels, np.random.default_rng(0).permutation(len(z))[:500])


def untouched(probes, z, labels):
    return f"{np.mean([np.mean(probes[name].read(z) == labels[name]) for name in probes]):.3f}"


def measured(chosen, kind, probes, tests, options):
    """A cell for each test, and the CPU seconds of a training; means over seeds."""
    settings = suggested(*chosen, kind, options.steps)
    began, networks = time.process_time(), []
    for seed in range(options.seeds):
        networks.append(trained(settings, *chosen, seed))
    spent = (time.process_time() - began) / options.seeds
    cells = []
    for z, labels in tests.values():
        found = np.array([read(network, probes, z, labels) for network in networks])
        cells.append(cell(found))
    return [*cells, f"{spent:.0f}"]


def cell(found):
    """Donor's and kept [seeds, 2] as a text, with the range over seeds where there are several."""
    donor, kept = found.mean(axis=0)
    spread = f" ({found[:, 0].min():.3f} to {found[:, 0].max():.3f})" if len(found) > 1 else ""
    return f"{donor:.3f}{spread} / {kept:.3f}"


def read(network, probes, z, labels):
    """The donor's value after an exchange of each factor's block, and the others kept: means."""
    found = swap_metrics(network, lambda z: z, probes, z, labels, None, donors=4)
    donor, kept = [], []
    for kind, values, own in (("donor", donor, True), ("recipient", kept, False)):
        for one in found.of("swap/{block}/{factor}/" + kind).values():
            if (one.fields["block"] == one.fields["factor"]) == own:
                values.append(one.value)
    return np.mean(donor), np.mean(kept)


def suggested(z, labels, kind, steps):
    """What the rule says, for pairs or for groups."""
    settings = iin_tf.suggest(z, labels, members=GROUP if kind == "groups" else 0)
    return dataclasses.replace(settings, steps=steps)


def trained(settings, z, labels, seed):
    network = settings.network(seed=seed)
    batches = settings.batches(z, labels, seed=seed)
    network.fit(batches, steps_per_epoch=settings.steps, verbose=0)
    return network


def unseen_topics(z, labels, order, options):
    """A table: sentences of the last two topics, with and without them in training."""
    probes = train_probes(*part(z, labels, order[:8000]))
    unseen = np.isin(labels["topic"], UNSEEN_TOPICS)
    rows, rest = order[:8000], order[8000:]
    test = part(z, labels, rest[unseen[rest]][:500])
    factors = [name for name in labels if name != "topic"]
    others = {name: probes[name] for name in factors}
    test = test[0], {name: test[1][name] for name in factors}
    table = []
    for told, kept in (("with these topics", rows), ("without", rows[~unseen[rows]])):
        chosen = part(z, {name: labels[name] for name in factors}, kept)
        for kind in ("pairs", "groups"):
            found = measured(chosen, kind, others, {"topics": test}, options)
            table.append([told, kind, *found])
    table.insert(0, ["untouched", "-", untouched(others, *test), "-"])
    return markdown(["training", "trained on", "the last two topics", "CPU s"], table)


if __name__ == "__main__":
    main()
