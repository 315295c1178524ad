"""FactorVAE score: does the unit that varies least name the factor that was held."""

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from iin_tf.measures.scores import weighted_mean
from iin_tf.measures.units import ROUNDING, deviations
from iin_tf.results import Result
from iin_tf.statistics import Bootstrap, resampled

if TYPE_CHECKING:
    from iin_tf.measures.interventions import Represented
    from iin_tf.measures.study import Study

KIM = "Kim & Mnih 2018, arXiv 1802.05983, section 4"
# A unit counts as dead below this share of the largest variance.
DEAD = 1e-12


def unit_variances(codes: np.ndarray, units: list[np.ndarray]) -> np.ndarray:
    """Total variance of each unit over the rows, [U] (the trace of a block's covariance)."""
    variance = codes.var(axis=-2, ddof=1)
    return np.stack([variance[..., unit].sum(axis=-1) for unit in units], axis=-1)


def factor_vae(study: "Study", sampler: "Represented") -> list[Result]:
    """FactorVAE score: held-out accuracy of a majority vote.

    Each vote: one factor is held for `batch` observations; the live unit whose variance,
    relative to its variance over everything, is smallest votes for that factor.  A block's
    variance is the trace of its covariance, which a rotation does not change.  Dead units
    never vote, and with no live unit the score is 0.

    Source: Kim & Mnih 2018, section 4.
    """
    rng, settings, units = study.rng("factor_vae"), study.protocol, study.sample.units
    overall = sampler.codes(sampler.draw(settings.train, rng), rng)
    variance = unit_variances(overall, units)
    rounding = ROUNDING * deviations(overall, units, 0.0).max(axis=0)
    live = np.flatnonzero((variance > DEAD * variance.max()) & (np.sqrt(variance) > rounding))
    parts = {"live": live, "variance": variance}
    how = "resampled test votes, the table kept, centred"
    details: dict[str, Any] = {
        "train": settings.train,
        "test": settings.test,
        "batch": settings.batch,
    }
    if len(live) == 0:
        how = "none: no code varies"
        return [study.measure("factor_vae", 0.0, parts, KIM, None, how, **details)]
    votes, labels, factor_count = _votes(study, sampler, settings.train, variance, live, rng)
    table = np.zeros((len(units), factor_count))
    np.add.at(table, (votes, labels), 1)
    votes, labels, _ = _votes(study, sampler, settings.test, variance, live, rng)
    correct = (table.argmax(axis=1)[votes] == labels).astype(np.float64)
    plan = Bootstrap(len(correct), settings.resamples, rng)
    values = resampled(functools.partial(weighted_mean, correct), plan)
    parts = {**parts, "votes": table}
    return [study.resampled("factor_vae", values, parts, KIM, how, (0, 1), **details)]


def _votes(study, sampler, count, variance, live, rng):
    batch, units = study.protocol.batch, study.sample.units
    votes, labels = [], []
    step = max(1, 4_096 // batch)
    for start in range(0, count, step):
        some = min(step, count - start)
        factors = sampler.draw(some * batch, rng)
        width = factors.shape[1]
        groups = factors.reshape(some, batch, width)
        held = rng.integers(width, size=some)
        groups[np.arange(some), :, held] = groups[np.arange(some), 0, held][:, None]
        codes = sampler.codes(groups.reshape(some * batch, width), rng)
        local = unit_variances(codes.reshape(some, batch, -1), units)[:, live] / variance[live]
        votes.append(live[local.argmin(axis=1)])
        labels.append(held)
    return np.concatenate(votes), np.concatenate(labels), width
