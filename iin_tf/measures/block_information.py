"""Information of a whole block about a factor, by read-outs that a rotation cannot change."""

from typing import TYPE_CHECKING

import numpy as np
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import pairwise_distances

from iin_tf.measures.discretise import discrete_levels
from iin_tf.measures.information import Information
from iin_tf.measures.scores import weighted_mean
from iin_tf.statistics import resampled, split

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

LANDMARKS = 100
PENALTIES = (0.1, 1.0, 10.0)


def equivariant_features(
    codes: np.ndarray, columns: np.ndarray, train: np.ndarray, seed: int, kernel: bool = True
) -> np.ndarray:
    """Features of a block whose ridge-penalised fits do not change when it is rotated.

    The block is centred and divided by one number, its root mean square; `kernel` adds
    Nystroem features of a Gaussian kernel, which see distances only, with the median
    distance as length scale.  Nothing is scaled by dimension.

    Args:
      codes: [n, N].
      columns: the block's columns.
      train: rows that fix centre, scale and landmarks.
      seed: for the choice of landmarks.
      kernel: whether to add the kernel's features.

    Returns:
      [n, D + landmarks] float64.
    """
    block = codes[:, columns] - codes[np.ix_(train, columns)].mean(axis=0)
    scale = np.sqrt(np.square(block[train]).mean())
    if scale == 0:
        return np.zeros((len(codes), 1))
    block = block / scale
    if not kernel:
        return block
    some = block[train[:500]]
    distance = np.median(pairwise_distances(some)[np.triu_indices(len(some), 1)])
    gamma = 0.5 / (distance**2 if distance > 0 else 1.0)
    count = min(LANDMARKS, len(train))
    nystroem = Nystroem(gamma=gamma, n_components=count, random_state=seed).fit(block[train])
    return np.hstack([block, nystroem.transform(block)])


def read_out_information(study: "Study", column_sets: list[np.ndarray]) -> Information:
    """Held-out information of column sets about every factor, with bootstrap replicates.

    I = mean over test rows of log q(y | block) - log p(y): the cross-entropy without the
    block (train frequencies p) minus the one with it, where q is a logistic read-out with
    ridge penalty on `equivariant_features`.  A lower bound in expectation; negative estimates
    count as zero.

    Args:
      study: a `Study`.
      column_sets: list of column indices, one a unit.

    Returns:
      `Information` with unit_entropy None; the "entropy" of a factor is its cross-entropy
      under the train frequencies.

    Source: Barber & Agakov 2003.
    """
    sample, (train, test) = study.sample, study.split
    factors = [discrete_levels(factor, study.protocol.bins) for factor in sample.factors]
    seed = study.integer_seed("landmarks")
    baselines = [_baseline(levels[train], levels[test], count) for levels, count in factors]
    # Columns of test rows, whose weighted means are all that a resample changes.
    gained = []
    for columns in column_sets:
        features = equivariant_features(sample.codes, columns, train, seed)
        for (levels, _), baseline in zip(factors, baselines, strict=True):
            fitted = _log_likelihood(features, levels, train, test, baseline, sample.source)
            gained.append(fitted - baseline)
    table = np.stack([*gained, *(-baseline for baseline in baselines)], axis=1)
    means = resampled(lambda weights: weighted_mean(table, weights), study.bootstrap)
    matrix, entropy = means[:, : len(gained)], means[:, len(gained) :]
    return Information(
        np.maximum(matrix, 0).reshape(len(means), len(column_sets), len(factors)),
        entropy,
        None,
        replicates="held_out",
        details={
            "estimator": f"ridge logistic read-out on block and {LANDMARKS} Nystroem features",
            "bins_of_continuous_factors": study.protocol.bins,
            "train": len(train),
            "test": len(test),
        },
    )


def _baseline(train_levels, test_levels, count):
    # One is added to every count so that a bin that the train rows miss stays possible.
    frequencies = np.bincount(train_levels, minlength=count) + 1.0
    return np.log(frequencies / frequencies.sum())[test_levels]


def _penalty(features, levels, train, source):
    # Chosen on the last quarter of the train rows, which are in no order that matters, but of
    # sources of their own; a coarse fit is enough to rank penalties.
    fitted, checked = split(train, (3 * len(train)) // 4, source)
    checked = checked[np.isin(levels[checked], levels[fitted])]
    if len(np.unique(levels[fitted])) < 2 or len(checked) == 0:
        return 1.0
    scores = []
    for penalty in PENALTIES:
        model = LogisticRegression(C=penalty, max_iter=500, tol=1e-2)
        model.fit(features[fitted], levels[fitted])
        column = np.searchsorted(model.classes_, levels[checked])
        predicted = model.predict_log_proba(features[checked])
        scores.append(predicted[np.arange(len(column)), column].mean())
    return PENALTIES[int(np.argmax(scores))]


def _log_likelihood(features, levels, train, test, baseline, source):
    if len(np.unique(levels[train])) == 1:
        return baseline
    model = LogisticRegression(C=_penalty(features, levels, train, source), max_iter=500)
    model.fit(features[train], levels[train])
    log_likelihood = baseline.copy()
    known = np.isin(levels[test], model.classes_)
    column = np.searchsorted(model.classes_, levels[test][known])
    predicted = model.predict_log_proba(features[test][known])
    log_likelihood[known] = predicted[np.arange(len(column)), column]
    return log_likelihood
