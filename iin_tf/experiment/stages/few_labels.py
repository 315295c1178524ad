"""Stage few_labels: the network with labels of few originals, with and without unlabelled ones.

A labelled original has all its labels; of the others the latents alone are known, and take part
as marginal terms or not at all.  Kept is the step with the best held-out marginal likelihood,
which needs no labels; the sizes of the blocks come from all labels, the same for every run.
"""

import dataclasses
import functools
import itertools
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from iin_tf import InterpretationNetwork, files
from iin_tf.audits.likelihood import marginal_nll
from iin_tf.data import PairSampler, few_labels, pair_dataset
from iin_tf.experiment import images
from iin_tf.experiment.experiment import HELD_OUT_SEED, Experiment
from iin_tf.experiment.held_out import measure_swaps
from iin_tf.experiment.noise import samples
from iin_tf.experiment.one_view import one_view_each
from iin_tf.experiment.stages.train import training_checkpoints
from iin_tf.reporting.few_labels import as_table, save_plot
from iin_tf.results import Result, Results
from iin_tf.training.fit import fit_network


@dataclasses.dataclass(frozen=True)
class Run:
    """One training.

    Attributes:
      labelled: originals of each class of the first factor that have labels, "all" or a number.
      marginal_fraction: share of every batch that is unlabelled latents.
      seed: of the choice of originals, the pairs and the initial weights.
    """

    labelled: str
    marginal_fraction: float
    seed: int

    @property
    def name(self) -> str:
        """Of its directory."""
        return f"{self.labelled}-{self.marginal_fraction}-{self.seed}"


def run(experiment: Experiment) -> None:
    """Trains and measures what is not there yet, and writes table and picture."""
    settings, directory = experiment.config.few_labels, experiment.workdir.few_labels
    comparison = Comparison(experiment)
    found: dict[tuple[str, float], list[Results]] = {}
    # Seed by seed: what is there after an interruption is a whole comparison of fewer seeds.
    for seed, labelled, fraction in itertools.product(
        range(settings.seeds), settings.labelled, (0.0, settings.marginal_fraction)
    ):
        one = Run(labelled, fraction, seed)
        results = comparison.results(one, directory / one.name)
        found.setdefault((labelled, fraction), []).append(results)
    table = as_table(found, list(experiment.config.data.factors))
    files.write_text(directory / "few_labels.md", table)
    save_plot(directory / "few_labels.png", found, list(experiment.config.data.factors))
    print(table)


class Comparison:
    """What all runs share: the frozen model, its latents, the judges.

    Args:
      experiment: Experiment.
    """

    def __init__(self, experiment: Experiment):
        self.experiment = experiment
        self.layout = experiment.workdir.layout()

    @functools.cached_property
    def judges(self) -> dict[str, Any]:
        """A trained judge of each factor."""
        directory = self.experiment.workdir.parts("few_labels")
        return images.train_judges(self.experiment, directory)

    def results(self, one: Run, directory: Path) -> Results:
        """`Results` of one `Run`; from its file where it is done."""
        path = directory / "metrics.json"
        if not path.exists():
            print(f"[iin] few_labels: {one.name} begins", flush=True)
            checkpoints = training_checkpoints(self.experiment, directory / "checkpoints")
            network = self._train(one, checkpoints)
            steps = 0 if checkpoints.best is None else checkpoints.best["step"]
            Results([Result("steps", {}, steps), *self._measure(network)]).write(path)
            shutil.rmtree(directory / "checkpoints")
        return Results.read(path)

    def _train(self, one, checkpoints):
        config = self.experiment.config
        with self.experiment.strategy.scope():
            network = InterpretationNetwork(self.layout, seed=one.seed, **config.network)
        fit_network(
            network,
            lambda start: self._training_batches(one, start),
            self._validation(),
            config.training,
            checkpoints,
        )
        return network

    def _training_batches(self, one, start):
        config, store = self.experiment.config, self.experiment.store("train")
        factors = list(config.data.factors)
        labels = {name: np.array(store.labels[name]) for name in factors}
        if one.labelled != "all":
            labels = few_labels(
                labels,
                factors[0],
                originals=int(one.labelled),
                source=store.source,
                factors=config.few_labels.missing,
                seed=one.seed,
            )
        return pair_dataset(
            samples(self.experiment, "train", training=True),
            PairSampler(labels, factors, source=store.source, seed=one.seed),
            config.training.batch_size,
            start=start,
            seed=one.seed,
            marginal_fraction=one.marginal_fraction,
        )

    def _validation(self):
        """Unrelated pairs: whoever has few labels has none to spare for stopping."""
        config, store = self.experiment.config, self.experiment.store("validation")
        labels = {name: store.labels[name] for name in config.data.factors}
        return pair_dataset(
            samples(self.experiment, "validation"),
            PairSampler(labels, list(labels), source=store.source),
            config.training.batch_size,
            steps=config.training.validation_batches,
            seed=HELD_OUT_SEED,
            marginal_fraction=1.0,
        )

    def _measure(self, network):
        """Held-out likelihood, what judges read in reconstructions, and swap figures."""
        store = self.experiment.store("test")
        nll = marginal_nll(network, samples(self.experiment, "test"), HELD_OUT_SEED)
        rows = one_view_each(store, self.experiment.config.data.factors)
        return [
            Result("nll/{split}", {"split": "test"}, nll),
            *images.measure_decoder(self.experiment, self.judges, rows),
            *measure_swaps(self.experiment, network, self.judges, self.experiment.decode).values(),
        ]
