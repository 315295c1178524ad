"""Measures of continuous factors: what each block tells of them, and over which distance."""

import numpy as np

from iin_tf.audits.length_scale import estimate_length_scale
from iin_tf.audits.readouts import readout_metrics
from iin_tf.experiment.experiment import HELD_OUT_SEED


def known_factors(experiment):
    """Those of the config's factors that the held-out examples have labels of."""
    labels = experiment.store("test").labels
    return [factor for factor in experiment.config.data.factors if factor in labels]


def targets(experiment, labels):
    """Labels of the known factors as judges read them: an angle as its cosine and sine."""
    periods, found = experiment.config.pairs.periods, {}
    for factor in known_factors(experiment):
        found[factor] = labels[factor]
        if factor in periods:
            angle = labels[factor] * (2 * np.pi / periods[factor])
            found[factor] = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return found


def continuous_metrics(experiment, network, store):
    """Read-outs and length scales of the continuous factors, on held-out posterior samples.

    Returns:
      Flat dict: `readout/BLOCK/FACTOR/r2` as in `readout_metrics`, and `length_scale/FACTOR`
      with `/low`, `/high`, the config's `/given` (`/given/CHANNEL`, where it gives one for each
      channel), and `/at_bound`, 1 where the likelihood still
      rises at the end of the range searched, else 0; empty without continuous factors.
    """
    pairs, seed = experiment.config.pairs, experiment.config.seed
    known = targets(experiment, store.labels)
    factors = [name for name in known if name in pairs.length_scales]
    if not factors:
        return {}
    z = store.sample(np.arange(len(store)), HELD_OUT_SEED)
    known = {name: known[name] for name in factors}
    metrics = readout_metrics(network.factors(z), known, store.source, seed)
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
        metrics |= {
            f"length_scale/{name}": found.value,
            f"length_scale/{name}/low": found.low,
            f"length_scale/{name}/high": found.high,
            **_given(f"length_scale/{name}/given", pairs.length_scales[name]),
            f"length_scale/{name}/at_bound": int(found.at_bound),
        }
    return metrics


def _given(name, length_scale):
    if np.ndim(length_scale) == 0:
        return {name: length_scale}
    return {f"{name}/{channel}": value for channel, value in enumerate(length_scale)}
