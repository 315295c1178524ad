"""DCI-ES: explicitness (ease of use) and size."""

import functools
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from iin_tf.measures.ridge import fit_ridge
from iin_tf.measures.scores import r_squared, split_targets, targets_of
from iin_tf.results import Result

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

EASTWOOD_ES = "Eastwood et al. 2023, arXiv 2210.00364, section 4 (explicitness, size)"
# Numbers of random Fourier features, the probes' capacities.
CAPACITIES = (4, 8, 16, 32, 64, 128, 256, 512)
PENALTIES = (1e-4, 1e-2, 1.0, 1e2)


def explicitness_of(capacities: ArrayLike, losses: np.ndarray, baseline: float = 1.0) -> np.ndarray:
    """E = 1 - 2 * (area between the loss curve and its minimum) / (range * baseline).

    The curve is the lowest loss reached up to each capacity, over the logarithm of the
    capacity; 1 when the smallest probe is already as good as any, 0 when the loss falls
    evenly from the baseline to nothing, and 0 where no probe beats the baseline.

    Args:
      capacities: increasing, [P].
      losses: [..., P].
      baseline: loss of a guess that sees no code.

    Returns:
      [...].
    """
    reached = np.minimum.accumulate(np.minimum(losses, baseline), axis=-1)
    x = np.log(np.asarray(capacities, np.float64))
    area = np.trapezoid(reached - reached[..., -1:], x, axis=-1)
    learnt = reached[..., -1] < baseline
    return np.where(learnt, 1 - 2 * area / ((x[-1] - x[0]) * baseline), 0.0)


def dci_es(study: "Study") -> list[Result]:
    """Explicitness of the codes and their size relative to the factors.

    Probes are ridge regressions on random Fourier features of the standardised codes (the
    authors' third family of probes), their penalties chosen by rows, or sources, left out; the
    loss is 1 - R^2 on test rows, of indicators for a categorical factor.  Size is factors over
    codes.
    """
    told = study.on_test_rows([_probe_scorers(study, width) for width in CAPACITIES])
    losses = 1 - np.moveaxis(told, 1, -1)
    scores = explicitness_of(CAPACITIES, losses)
    parts = {"scores": scores[0], "losses": losses[0], "capacities": np.array(CAPACITIES)}
    name, values, bounds = "dci_es/explicitness", scores.mean(axis=1), (-np.inf, 1)
    details = {"estimator": "random Fourier features, ridge"}
    explicitness = study.held_out(name, values, parts, EASTWOOD_ES, bounds, **details)
    size = len(study.sample.factors) / study.sample.codes.shape[1]
    how = "none: a ratio of two counts"
    return [explicitness, study.measure("dci_es/size", size, {}, EASTWOOD_ES, None, how)]


def _probe_scorers(study, width):
    train, test = study.split
    features = _fourier_features(study, width)
    targets = [targets_of(factor) for factor in study.sample.factors]
    together = np.hstack(targets)
    source = study.sample.source_of(train)
    model = fit_ridge(features[train], together[train], PENALTIES, source, each=True)
    predicted = model.predict(features[test])
    parts = split_targets(predicted.reshape(len(test), -1), targets)
    return [
        functools.partial(r_squared, target[test], part)
        for target, part in zip(targets, parts, strict=True)
    ]


def _fourier_features(study, width):
    codes, train = study.sample.codes, study.split[0]
    spread = codes[train].std(axis=0)
    codes = (codes - codes[train].mean(axis=0)) / np.where(spread > 0, spread, 1)
    rng = study.rng("fourier")
    # The first probes' features are among the later ones', so that loss falls with capacity.
    frequency = rng.normal(size=(max(CAPACITIES), codes.shape[1]))[:width]
    phase = rng.uniform(0, 2 * np.pi, max(CAPACITIES))[:width]
    return np.cos(codes @ frequency.T / np.sqrt(codes.shape[1]) + phase)
