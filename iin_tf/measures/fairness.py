"""Unfairness under interventions: the sensitive factor is set, all others are kept."""

import numpy as np

from iin_tf.measures.estimators import NOTES, fit
from iin_tf.measures.sample import check_factors
from iin_tf.measures.unfairness import FAIRNESS, unfairness_of_counts
from iin_tf.statistics.intervals import bootstrap_weights


def unfairness_of_interventions(study, source):
    """Mean and maximal total variation of predictions when a sensitive factor is set.

    The protocol's estimator learns each factor from `train` codes.  For every other factor,
    `test` drawn examples are observed once with each of its values, everything else kept,
    and the distributions of predictions are compared.  Values: means over ordered pairs of
    factors.  Locatello et al. 2019 (fairness), section 3, equation 3.

    Raises:
      ValueError: where the sampler's factors are not whole numbers, or there is one only.
    """
    rng, settings = study.rng("unfairness"), study.protocol
    numbers = source.draw(settings.train, rng)
    if numbers.shape[1] == 1:
        raise ValueError("unfairness compares factors: the sampler has one factor only")
    codes = source.codes(numbers, rng)
    factors, rows = check_factors(numbers, len(codes)), np.arange(len(codes))
    seed = study.integer_seed("fits")
    models = [fit(settings.estimator, factor, codes, rows, seed) for factor in factors]
    weights = bootstrap_weights(settings.test, settings.resamples, rng)
    weights = np.concatenate([np.ones((1, settings.test)), weights])
    mean = np.zeros((len(weights), len(factors), len(factors)))
    worst = np.zeros_like(mean)
    for sensitive in range(len(factors)):
        shown = _shown(source, numbers[:, sensitive], sensitive, settings.test, rng)
        for target, (model, factor) in enumerate(zip(models, factors, strict=True)):
            if target != sensitive:
                counts = [weights @ np.eye(factor.count)[model.predict(c)] for c in shown]
                found = unfairness_of_counts(np.stack(counts, axis=1))
                mean[:, target, sensitive], worst[:, target, sensitive] = found
    return [_measure(study, "mean", mean), _measure(study, "maximum", worst)]


def _shown(source, values, sensitive, count, rng):
    """Codes of the same draws with the sensitive factor set to each of its values."""
    drawn, shown = source.draw(count, rng), []
    for value in np.unique(values):
        changed = drawn.copy()
        changed[:, sensitive] = value
        shown.append(source.codes(changed, rng))
    return shown


def _measure(study, name, table):
    pairs = ~np.eye(table.shape[1], dtype=bool)
    settings = study.protocol
    details = {"estimator": settings.estimator, "estimator_note": NOTES[settings.estimator]}
    details.update(train=settings.train, test=settings.test)
    parts = {"target_by_sensitive": table[0]}
    how = "resampled test examples, the fit kept, centred"
    values = table[:, pairs].mean(axis=1)
    return study.resampled(f"unfairness/{name}", values, parts, FAIRNESS, how, (0, 1), **details)
