"""Whether two held-out examples share a factor: the network's answer in one experiment."""

from typing import Any

import numpy as np

from iin_tf.audits.calibration import Calibration, calibrated_same
from iin_tf.audits.inputs import read_labels
from iin_tf.audits.verification import verification_errors
from iin_tf.audits.verification_pairs import drawn_pairs
from iin_tf.checks import InputError
from iin_tf.data.labels import group_codes
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.pairs import categorical_factors
from iin_tf.results import Results

# Of each kind; and rows at most, of which they are drawn.
_PAIRS, _MOST_ROWS = 2000, 20_000


def verification_metrics(experiment: Experiment, network: Any) -> Results:
    """Equal error rates and costs of `network.same` on test examples, calibrated on validation's.

    Args:
      experiment: Experiment.
      network: InterpretationNetwork.

    Returns:
      `Results`, as `verification_errors`, of the factors of classes that enough examples share.
    """
    config = experiment.config
    z, labels, source = _examples(experiment, "test")
    if not labels:
        return Results()
    return verification_errors(
        network,
        z,
        labels,
        source,
        _PAIRS,
        config.seed,
        calibration=_calibration(experiment, network, list(labels)),
        resamples=config.evaluation.resamples,
    ).results()


def _calibration(experiment: Experiment, network: Any, factors: list) -> Calibration | None:
    z, labels, source = _examples(experiment, "validation")
    labels = {name: values for name, values in labels.items() if name in factors}
    if not labels:
        return None
    return calibrated_same(network, z, labels, source, _PAIRS, experiment.config.seed)


def _examples(experiment: Experiment, split: str) -> tuple[np.ndarray, dict, np.ndarray]:
    """Means, labels and sources of a split, of the factors that pairs of it share and differ in."""
    config, store = experiment.config, experiment.store(split)
    rows = np.random.default_rng(config.seed).permutation(len(store))[:_MOST_ROWS]
    source = store.source[rows]
    labels = {}
    for name in categorical_factors(config, store.labels):
        codes = group_codes(store.labels[name][rows])[0]
        if _has_pairs(name, codes, source):
            labels[name] = codes
    return np.array(store.mean[rows]), labels, source


def _has_pairs(name: str, codes: np.ndarray, source: np.ndarray) -> bool:
    try:
        (label,) = read_labels({name: codes}, len(codes))
        drawn_pairs(label, source, _PAIRS, np.random.default_rng(0))
    except InputError:
        return False
    return True
