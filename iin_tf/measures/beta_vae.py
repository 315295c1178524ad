"""BetaVAE score: can a linear classifier name the factor that two views share."""

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from iin_tf.measures.scores import spread_of, weighted_mean
from iin_tf.measures.units import deviations
from iin_tf.results import Result
from iin_tf.statistics import Bootstrap, resampled

if TYPE_CHECKING:
    from iin_tf.measures.interventions import Represented
    from iin_tf.measures.study import Study

HIGGINS = "Higgins et al. 2017, 'beta-VAE', section 3 (disentanglement metric)"


def beta_vae(study: "Study", sampler: "Represented") -> list[Result]:
    """BetaVAE score: held-out accuracy of naming the shared factor.

    Each point: one factor is equal in the two members of `batch` pairs, all others are
    drawn; the feature is the mean distance of the two codes, per unit (absolute for a code,
    Euclidean for a block).  Logistic regression as in the study; chance is 1 / K.

    Source: Higgins et al. 2017, section 3.
    """
    rng, settings = study.rng("beta_vae"), study.protocol
    train, train_labels = _points(study, sampler, settings.train, rng)
    test, test_labels = _points(study, sampler, settings.test, rng)
    scale = spread_of(train)
    scale = np.where(scale > 0, scale, 1)
    # With one factor there is nothing to tell apart, and nothing to fit.
    if len(np.unique(train_labels)) == 1:
        correct = np.ones(len(test))
    else:
        model = LogisticRegression(max_iter=1_000).fit(train / scale, train_labels)
        correct = (model.predict(test / scale) == test_labels).astype(np.float64)
    plan = Bootstrap(len(correct), settings.resamples, rng)
    values = resampled(functools.partial(weighted_mean, correct), plan)
    how = "resampled test points, the fit kept, centred"
    details: dict[str, Any] = {
        "train": settings.train,
        "test": settings.test,
        "batch": settings.batch,
    }
    details["estimator"] = "logistic regression, C=1"
    return [study.resampled("beta_vae", values, {}, HIGGINS, how, (0, 1), **details)]


def _points(study, sampler, count, rng):
    batch = study.protocol.batch
    points, labels = [], []
    step = max(1, 4_096 // batch)
    for start in range(0, count, step):
        some = min(step, count - start)
        first, second = sampler.draw(some * batch, rng), sampler.draw(some * batch, rng)
        shared = rng.integers(first.shape[1], size=some)
        rows, columns = np.arange(some * batch), np.repeat(shared, batch)
        second[rows, columns] = first[rows, columns]
        difference = sampler.codes(first, rng) - sampler.codes(second, rng)
        distance = deviations(difference, study.sample.units, 0.0)
        points.append(distance.reshape(some, batch, -1).mean(axis=1))
        labels.append(shared)
    return np.concatenate(points), np.concatenate(labels)
