"""What the strongest readers find in the blocks of one experiment's codes."""

from typing import Any

import numpy as np

from iin_tf.audits.strongest import MOST_SCORED, strongest_readers
from iin_tf.experiment.continuous import targets
from iin_tf.experiment.experiment import Experiment
from iin_tf.results import Result, Results


def strongest_metrics(experiment: Experiment, network: Any) -> Results:
    """Readers of the codes that edits are made on: means, without noise.

    They learn from training examples and are scored on test examples, and read the raw
    representation as well.

    Args:
      experiment: Experiment.
      network: InterpretationNetwork.

    Returns:
      `Results`, as `StrongestReaders` gives them, and the numbers of examples and originals that
      they learned from.
    """
    config = experiment.config
    limits = {"train": config.evaluation.reader_rows, "test": MOST_SCORED}
    raw = {split: _rows(experiment, split, limit) for split, limit in limits.items()}
    codes = {split: (network.transform(z).numpy(), *rest) for split, (z, *rest) in raw.items()}
    limits = {"rows": config.evaluation.reader_rows, "seed": config.seed}
    found = strongest_readers(codes["train"], codes["test"], network.layout, **limits)
    columns = {"raw": slice(None)}
    whole = strongest_readers(raw["train"], raw["test"], columns, **limits)
    split, source = {"split": "read"}, raw["train"][2]
    counts = [
        Result("examples/{split}", split, len(source)),
        Result("originals/{split}", split, len(np.unique(source))),
    ]
    return found.results() | whole.raw_results() | Results(counts)


def _rows(experiment: Experiment, split: str, limit: int) -> tuple:
    """Means [n, N], labels and sources of at most `limit` examples of a split."""
    store = experiment.store(split)
    random = np.random.default_rng(experiment.config.seed)
    rows = np.sort(random.permutation(len(store))[:limit])
    labels = {name: values[rows] for name, values in targets(experiment, store.labels).items()}
    return np.array(store.mean[rows]), labels, store.source[rows]
