"""Unfairness under interventions: the sensitive factor is set, all others are kept."""

from typing import TYPE_CHECKING

import numpy as np

from iin_tf.checks import InputError
from iin_tf.measures.estimators import NOTES, fit
from iin_tf.measures.inputs import check_factors
from iin_tf.measures.total_variation import (
    FAIRNESS,
    as_table,
    pairs_of,
    unfairness_of_pairs,
)
from iin_tf.results import Result
from iin_tf.statistics import Bootstrap, resampled

if TYPE_CHECKING:
    from iin_tf.measures.interventions import Represented
    from iin_tf.measures.study import Study


def unfairness_of_interventions(study: "Study", sampler: "Represented") -> list[Result]:
    """Mean and maximal total variation of predictions when a sensitive factor is set.

    The protocol's estimator learns each factor from `train` codes.  For every other factor,
    `test` drawn examples are observed once with each of its values, everything else kept,
    and the distributions of predictions are compared.  Values: means over ordered pairs of
    factors.

    Raises:
      InputError: where the sampler's factors are not whole numbers, or there is one only.

    Source: Locatello et al. 2019 (fairness), section 3, equation 3.
    """
    rng, settings = study.rng("unfairness"), study.protocol
    numbers = sampler.draw(settings.train, rng)
    if numbers.shape[1] == 1:
        raise InputError(
            "sampler has one factor, and unfairness compares two; leave it out of measures"
        )
    codes = sampler.codes(numbers, rng)
    factors, used, _ = check_factors(numbers, len(codes))
    if not used.all():
        raise InputError("sampler.sample_factors gave negative values; give whole numbers from 0")
    rows = np.arange(len(codes))
    seed = study.integer_seed("fits")
    models = [fit(settings.estimator, factor, codes, rows, seed) for factor in factors]
    pairs = pairs_of(len(factors))
    # For each pair, the predicted class of every shown example: [values, test].
    predicted = {}
    for sensitive in range(len(factors)):
        shown = _shown(sampler, numbers[:, sensitive], sensitive, settings.test, rng)
        for target in (t for t, s in pairs if s == sensitive):
            predicted[target, sensitive] = [models[target].predict(codes) for codes in shown]

    def tables(weights):
        return unfairness_of_pairs(
            [_counts(predicted[t, s], factors[t].count, weights) for t, s in pairs]
        )

    plan = Bootstrap(settings.test, settings.resamples, study.seed_of("unfairness/examples"))
    values = resampled(tables, plan)
    return [
        _measure(study, name, values[:, i], len(factors))
        for i, name in enumerate(("mean", "maximum"))
    ]


def _counts(predicted, classes, weights):
    """Predictions of each class at each value of the sensitive factor, [R, values, classes]."""
    return np.stack([weights @ np.eye(classes)[one] for one in predicted], axis=1)


def _shown(sampler, values, sensitive, count, rng):
    """Codes of the same draws with the sensitive factor set to each of its values."""
    drawn, shown = sampler.draw(count, rng), []
    for value in np.unique(values):
        changed = drawn.copy()
        changed[:, sensitive] = value
        shown.append(sampler.codes(changed, rng))
    return shown


def _measure(study, name, pairs, count):
    settings = study.protocol
    details = {"estimator": settings.estimator, "estimator_note": NOTES[settings.estimator]}
    details.update(train=settings.train, test=settings.test)
    parts = {"target_by_sensitive": as_table(pairs[0], count)}
    how, values = "resampled test examples, the fit kept, centred", pairs.mean(axis=1)
    return study.resampled(f"unfairness/{name}", values, parts, FAIRNESS, how, (0, 1), **details)
