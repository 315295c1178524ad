"""Ridge regression whose penalty rows of the same source cannot choose."""

import numpy as np
from scipy import linalg
from sklearn.linear_model import Ridge, RidgeCV

from iin_tf.statistics import folds

FOLDS = 5


def fit_ridge(
    features: np.ndarray,
    targets: np.ndarray,
    penalties: tuple[float, ...],
    source: np.ndarray | None = None,
    *,
    each: bool = False,
) -> Ridge:
    """Ridge regression with the penalty of the least squared error on rows that it did not see.

    Rows are left out one by one, or in five folds of sources where rows are views of originals:
    a left-out row's twin would praise penalties that remember originals.

    Args:
      features: [n, D].
      targets: [n, T].
      penalties: those to choose from.
      source: the original behind each row, [n], or None.
      each: whether every target has a penalty of its own.

    Returns:
      The fitted model; `alpha` has its penalty, or one each.
    """
    each = each and targets.shape[1] > 1
    if source is None:
        found = RidgeCV(alphas=penalties, alpha_per_target=each).fit(features, targets).alpha_
    else:
        errors = _errors(features, targets, penalties, folds(len(features), FOLDS, source))
        errors = errors if each else errors.sum(axis=1)
        found = np.asarray(penalties)[errors.argmin(axis=0)]
    return Ridge(alpha=found if each else float(found)).fit(features, targets)


def _errors(features, targets, penalties, parts):
    """Squared error of each penalty over the folds' held rows, [P, T]."""
    errors = np.zeros((len(penalties), targets.shape[1]))
    for fitted, held in parts:
        centre, mean = features[fitted].mean(axis=0), targets[fitted].mean(axis=0)
        u, s, v = linalg.svd(features[fitted] - centre, full_matrices=False)
        along, basis = u.T @ (targets[fitted] - mean), (features[held] - centre) @ v.T
        for place, penalty in enumerate(penalties):
            predicted = mean + basis @ ((s / (s**2 + penalty))[:, None] * along)
            errors[place] += np.square(targets[held] - predicted).sum(axis=0)
    return errors
