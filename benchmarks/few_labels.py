#!/usr/bin/env python3
"""Held-out swap figures by labelled images per digit, with and without unlabelled images.

A labelled image has all its labels; of the others the latents alone are known, and take part as
marginal terms or not at all.  The step with the best held-out marginal likelihood is kept, which
needs no labels; sizes of blocks come from all labels, the same for every run.  Writes few_labels.md
and few_labels.png; what is done already is skipped."""

import dataclasses
import functools
import json
import os
import shutil
import sys

# TensorFlow's start-up notices would bury the progress that is printed.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from absl import app, flags
from few_labels_results import as_table, save_plot
from ml_collections import config_flags

from iin_tf import InterpretationNetwork, files
from iin_tf.audits.interchange import judge_metrics
from iin_tf.audits.likelihood import marginal_nll
from iin_tf.data import PairSampler, few_labels, pair_dataset
from iin_tf.experiment.experiment import HELD_OUT_SEED, Experiment, one_view_each
from iin_tf.experiment.held_out import measure_swaps, train_judges
from iin_tf.experiment.run import run_stages
from iin_tf.experiment.workdir import Workdir
from iin_tf.results import Result, Results
from iin_tf.training.fit import fit_network

_CONFIG = config_flags.DEFINE_config_file("config", "configs/few_labels.py", "Of the experiment.")
_WORKDIR = flags.DEFINE_string("workdir", "runs/quickstart", "Of the first stage and the latents.")
_IMAGES = flags.DEFINE_list(
    "images", ["all", "14", "3"], "Labelled images of each digit; 'all' for as many as there are."
)
_SEEDS = flags.DEFINE_integer("seeds", 3, "Runs of each kind.", lower_bound=1)
_FRACTION = flags.DEFINE_float(
    "marginal_fraction", 0.5, "Of each batch, where marginal terms take part.", 0.0, 1.0
)
_MISSING = flags.DEFINE_list(
    "missing", ["digit", "color"], "Factors that an image without labels has no label of."
)
_NAME = flags.DEFINE_string("name", "few_labels", "Directory of the results, in the workdir.")

_LABELLED_BY = "digit"


@dataclasses.dataclass(frozen=True)
class Run:
    """One training: labelled images per digit ("all" or a number), fraction, seed."""

    images: str
    marginal_fraction: float
    seed: int

    @property
    def name(self):
        return f"{self.images}-{self.marginal_fraction}-{self.seed}"


class Comparison:
    """What all runs share: the frozen model, its latents, the judges."""

    def __init__(self, config, workdir):
        self.config, self.workdir = config, Workdir(workdir)
        self.experiment = Experiment(config, self.workdir, "none")
        self.layout = self.workdir.layout()

    @functools.cached_property
    def judges(self):
        return train_judges(self.experiment)

    def metrics(self, run, directory):
        """`Results` of one run; from its file where it is done."""
        path = directory / "metrics.json"
        settings = self._settings(run)
        if (directory / "settings.json").exists():
            if files.read_json(directory / "settings.json") != settings:
                raise ValueError(
                    f"{directory} was made with another config; give another --name or remove it"
                )
        else:
            files.write_json(directory / "settings.json", settings)
        if not path.exists():
            print(f"[few_labels] {run.name}: begins", flush=True)
            network = self._train(run, directory / "checkpoints")
            best = files.read_json(directory / "checkpoints" / "best.json")
            steps = (best["epoch"] + 1) * self.config.training.steps_per_epoch
            Results([Result("steps", {}, steps), *self._measure(network)]).write(path)
            shutil.rmtree(directory / "checkpoints")
        return Results.read(path)

    def _settings(self, run):
        """All that the result of a run depends on."""
        sections = {name: self.config[name].to_dict() for name in ("network", "training")}
        sections["evaluation"] = self.config.evaluation.to_dict()
        made = {"sizes": self.workdir.done()["sizes"], "missing": _MISSING.value}
        # As JSON gives it back, so that what was written compares equal.
        return json.loads(json.dumps({**dataclasses.asdict(run), **sections, **made}))

    def _train(self, run, checkpoints):
        config = self.config
        network = InterpretationNetwork(self.layout, seed=run.seed, **config.network)
        fit_network(
            network,
            lambda start: self._training_batches(run, start),
            self._validation(),
            config.training,
            checkpoints,
        )
        return network

    def _training_batches(self, run, start):
        store, factors = self.experiment.store("train"), list(self.config.data.factors)
        labels = {name: np.array(store.labels[name]) for name in factors}
        if run.images != "all":
            images = int(run.images)
            labels = few_labels(
                labels,
                _LABELLED_BY,
                originals=images,
                source=store.source,
                factors=_MISSING.value,
                seed=run.seed,
            )
        sampler = PairSampler(labels, factors, source=store.source, seed=run.seed)
        return pair_dataset(
            store,
            sampler,
            self.config.training.batch_size,
            start=start,
            seed=run.seed,
            marginal_fraction=run.marginal_fraction,
        )

    def _validation(self):
        """Unrelated pairs: whoever has few labels has none to spare for stopping."""
        store, settings = self.experiment.store("validation"), self.config.training
        labels = {name: store.labels[name] for name in self.config.data.factors}
        return pair_dataset(
            store,
            PairSampler(labels, list(labels), source=store.source),
            settings.batch_size,
            steps=settings.validation_batches,
            seed=HELD_OUT_SEED,
            marginal_fraction=1.0,
        )

    def _measure(self, network):
        """Held-out likelihood, what judges read in reconstructions, and swap figures."""
        examples, store = self.experiment.test_examples, self.experiment.store("test")
        rows = one_view_each(examples.source)
        labels = {name: examples.labels[name][rows] for name in self.config.data.factors}
        originals = examples.x[rows].astype(np.float32) / 255
        reconstructions = self.experiment.decode(store.mean[rows])
        nll = marginal_nll(network, store, HELD_OUT_SEED)
        return [
            Result("nll/{split}", {"split": "test"}, nll),
            *judge_metrics(self.judges, originals, reconstructions, labels).values(),
            *measure_swaps(self.experiment, network, self.judges).values(),
        ]


def main(argv):
    if argv[1:]:
        raise ValueError(f"{argv[1]!r} is not a flag; see --help")
    config = _CONFIG.value
    wrong = [text for text in _IMAGES.value if text != "all" and not text.isdecimal()]
    if wrong:
        raise ValueError(f"--images names {wrong}; give whole numbers or 'all'")
    run_stages(config, _WORKDIR.value, ("pretrain", "encode", "sizes"))
    comparison = Comparison(config, _WORKDIR.value)
    directory = comparison.workdir.path / _NAME.value
    found = {}
    # Seed by seed: what is there after an interruption is a whole comparison of fewer seeds.
    for seed in range(_SEEDS.value):
        for images in _IMAGES.value:
            for fraction in (0.0, _FRACTION.value):
                run = Run(images, fraction, seed)
                metrics = comparison.metrics(run, directory / run.name)
                found.setdefault((images, fraction), []).append(metrics)
    table = as_table(found)
    files.write_text(directory / "few_labels.md", table)
    save_plot(directory / "few_labels.png", found)
    print(table)


if __name__ == "__main__":

    def run_or_exit(argv):
        try:
            main(argv)
        except ValueError as error:
            sys.exit(f"error: {error}")

    app.run(run_or_exit)
