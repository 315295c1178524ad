"""Measures of continuous factors: what each block tells of them, and over which distance."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from iin_tf.audits.length_scale import estimate_length_scale
from iin_tf.audits.readouts import readout_metrics
from iin_tf.data import LatentStore
from iin_tf.experiment.experiment import HELD_OUT_SEED, Experiment
from iin_tf.results import Result, Results


def known_factors(experiment: Experiment) -> list[str]:
    """Those of the config's factors that the held-out examples have labels of."""
    labels = experiment.store("test").labels
    return [factor for factor in experiment.config.data.factors if factor in labels]


def targets(experiment: Experiment, labels: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Labels of the known factors as judges read them: an angle as its cosine and sine.

    Args:
      experiment: Experiment.
      labels: mapping factor -> [n, ...].
    """
    periods, found = experiment.config.pairs.periods, {}
    for factor in known_factors(experiment):
        found[factor] = labels[factor]
        if factor in periods:
            angle = labels[factor] * (2 * np.pi / periods[factor])
            found[factor] = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return found


def continuous_metrics(experiment: Experiment, network: Any, store: LatentStore) -> Results:
    """Read-outs and length scales of the continuous factors, on held-out posterior samples.

    Args:
      experiment: Experiment.
      network: InterpretationNetwork.
      store: the held-out examples.

    Returns:
      `Results`: `readout/BLOCK/FACTOR/r2` as in `readout_metrics`, and `length_scale/FACTOR`
      with its interval, the config's `/given` (`/given/CHANNEL`, where it gives one for each
      channel), and `/at_bound`, 1 where the likelihood still rises at the end of the range
      searched, else 0; empty without continuous factors.
    """
    pairs, seed = experiment.config.pairs, experiment.config.seed
    known = targets(experiment, store.labels)
    factors = [name for name in known if name in pairs.length_scales]
    if not factors:
        return Results()
    z = store.sample(np.arange(len(store)), HELD_OUT_SEED)
    known = {name: known[name] for name in factors}
    results = [*readout_metrics(network.factors(z), known, store.source, seed).values()]
    for name in factors:
        period = pairs.periods.get(name)
        found = estimate_length_scale(
            network,
            z,
            store.labels[name],
            name,
            period,
            source=store.source,
            cap=pairs.cap,
            seed=seed,
        )
        factor, ends = {"factor": name}, (found.low, found.high)
        results += [
            Result("length_scale/{factor}", factor, found.value, ends),
            *_given(factor, pairs.length_scales[name]),
            Result("length_scale/{factor}/at_bound", factor, int(found.at_bound)),
        ]
    return Results(results)


def _given(factor, length_scale):
    if np.ndim(length_scale) == 0:
        return [Result("length_scale/{factor}/given", factor, length_scale)]
    return [
        Result("length_scale/{factor}/given/{channel}", {**factor, "channel": channel}, value)
        for channel, value in enumerate(length_scale)
    ]
