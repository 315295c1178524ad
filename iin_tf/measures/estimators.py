"""The named estimators, made, fitted and asked for importances in one way."""

import numpy as np
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import Lasso
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from iin_tf.checks import InputError
from iin_tf.measures.sample import Factor
from iin_tf.measures.scores import standardised
from iin_tf.private_apis.sklearn import node_tables

# The study's trees have depth 3 too.  Half of the features at each split, drawn at random,
# let duplicated codes share importance as they do there: histogram trees break ties by
# column order.  With 50 instead of 100 trees the held-out accuracy was the same or better.
_HISTOGRAM = {"max_iter": 50, "max_depth": 3, "max_bins": 63, "max_features": 0.5}

NOTES = {
    "gradient_boosting": "scikit-learn's GradientBoosting with its defaults, as in the study",
    "hist_gradient_boosting": (
        "histogram gradient boosting, total gain as importance; scores shift against the "
        "study's gradient boosting, compare them only with each other"
    ),
    "lasso": "Lasso(alpha=0.02) on standardised codes and factor, |coefficient| as importance",
    "random_forest": "10 trees, as in the QEDR authors' code",
}


def make_estimator(name: str, continuous: bool, seed: int) -> Pipeline:
    """An unfitted, seeded estimator of standardised codes.

    Trees do not depend on the scale of codes, but scikit-learn's do: they take float32, and a
    code that varies by less than 1e-7 for a constant.

    Args:
      name: one of `protocol.ESTIMATORS`.
      continuous: whether the factor is continuous.
      seed: of the estimator.

    Raises:
      InputError: the estimator does not fit such a factor.
    """
    return make_pipeline(StandardScaler(), _estimator(name, continuous, seed))


def _estimator(name, continuous, seed):
    match name:
        case "gradient_boosting":
            kind = GradientBoostingRegressor if continuous else GradientBoostingClassifier
            return kind(random_state=seed)
        case "hist_gradient_boosting":
            kind = HistGradientBoostingRegressor if continuous else HistGradientBoostingClassifier
            return kind(early_stopping=False, random_state=seed, **_HISTOGRAM)
        case "random_forest":
            kind = RandomForestRegressor if continuous else RandomForestClassifier
            return kind(n_estimators=10, random_state=seed)
        case "lasso" if continuous:
            return Lasso(alpha=0.02)
        case _:
            raise InputError(
                f"estimator is {name!r}, which does not fit a categorical factor; declare the "
                "factor continuous or choose another estimator"
            )


def fit(name: str, factor: Factor, codes: np.ndarray, rows: np.ndarray, seed: int) -> Pipeline:
    """The named estimator fitted to one factor on the given rows.

    Continuous factors are standardised by all their rows, so that scores have no units.
    """
    model = make_estimator(name, factor.continuous, seed)
    return model.fit(codes[rows], target_of(factor)[rows])


def target_of(factor: Factor) -> np.ndarray:
    """What an estimator predicts: standardised numbers, or levels."""
    if factor.continuous:
        return standardised(factor.numbers)
    return factor.levels


def importances_of(model: Pipeline, width: int) -> np.ndarray:
    """Non-negative importance of each code, [N], summing to 1 where any code matters."""
    model = model[-1]
    if hasattr(model, "coef_"):
        found = np.abs(model.coef_)
    elif hasattr(model, "feature_importances_"):
        found = np.abs(model.feature_importances_)
    else:
        found = _total_gain(model, width)
    total = found.sum()
    return found / total if total > 0 else found


def _total_gain(model, width):
    # scikit-learn offers no importances for its histogram trees; the gain of each split
    # stands in the trees' node tables.
    found = np.zeros(width)
    for nodes in node_tables(model):
        splits = nodes[nodes["is_leaf"] == 0]
        np.add.at(found, splits["feature_idx"], np.maximum(splits["gain"], 0))
    return found
