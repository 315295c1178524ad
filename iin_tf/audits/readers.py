"""Readers of one factor: linear, on a kernel's features, a perceptron; and the choice of one."""

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import GroupShuffleSplit
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from iin_tf.audits.wide_ridge import WideRidge

LINEAR, KERNEL, PERCEPTRON = "linear", "kernel", "perceptron"
# Of the sources, those on which readers are compared.
HELD_OUT = 0.25
# Of a perceptron's steps, as scikit-learn takes them.
_BATCH = 200
_PENALTIES = np.logspace(-3, 4, 15)
_LANDMARKS = 300
# A perceptron's time grows with the columns: of more than so many it reads principal components;
# and a ridge regression's, which then takes a shorter way to the same.
_WIDE, _COMPONENTS = 512, 256


def readers(
    continuous: bool, rows: int, columns: int, seed: int, names: Iterable[str], steps: int
) -> dict[str, Any]:
    """scikit-learn models by name, not yet fitted; columns are standardised.

    Of more than 512 columns, a perceptron reads the 256 leading principal components.

    Args:
      continuous: whether they read floats: ridge regression in place of logistic regression.
      rows: how many they will learn from.
      columns: width of the rows.
      seed: of a perceptron and of a kernel's landmarks.
      names: some of `LINEAR`, `KERNEL`, `PERCEPTRON`.
      steps: of a perceptron, at most.
    """
    perceptron: dict[str, Any] = {
        "hidden_layer_sizes": (128,),
        "alpha": 1e-3,
        "max_iter": max(20, steps * _BATCH // rows),
        "random_state": seed,
    }
    # Standardised rows lie about sqrt(2 columns) apart; readers are tried on half of the rows, too.
    landmarks = Nystroem(
        gamma=0.5 / columns, n_components=min(_LANDMARKS, rows // 3), random_state=seed
    )
    ridge = WideRidge if rows > columns > _WIDE else RidgeCV
    narrow = []
    if columns > _WIDE:
        # Half of the rows must do.
        components = min(_COMPONENTS, rows // 3)
        narrow = [PCA(components, svd_solver="randomized", random_state=seed)]
    if continuous:
        last: dict[str, list] = {
            LINEAR: [ridge(_PENALTIES)],
            KERNEL: [landmarks, RidgeCV(_PENALTIES)],
            PERCEPTRON: [
                *narrow,
                TransformedTargetRegressor(
                    MLPRegressor(**perceptron), transformer=StandardScaler()
                ),
            ],
        }
    else:
        last = {
            LINEAR: [LogisticRegression(C=0.1, max_iter=300)],
            KERNEL: [landmarks, LogisticRegression(C=10, max_iter=300)],
            PERCEPTRON: [*narrow, MLPClassifier(**perceptron)],
        }
    return {name: make_pipeline(StandardScaler(), *last[name]) for name in names}


def compare(
    models: Mapping[str, Any], x: np.ndarray, y: np.ndarray, source: np.ndarray, seed: int
) -> dict[str, float]:
    """Scores of the models on a quarter of the sources, fitted on the others.

    Args:
      models: as `readers` gives them; they are fitted.
      x: float [n, D].
      y: [n] or [n, c].
      source: int [n].
      seed: chooses the quarter.

    Returns:
      Mapping name -> accuracy, or R^2 of floats; empty where the part that is fitted on has a
      single class.
    """
    split = GroupShuffleSplit(1, test_size=HELD_OUT, random_state=seed)
    fitted, scored = next(split.split(x, groups=source))
    if y.dtype.kind != "f" and len(np.unique(y[fitted])) < 2:
        return {}
    return {
        name: float(fit(model, x[fitted], y[fitted]).score(x[scored], y[scored]))
        for name, model in models.items()
    }


def fit(model: Any, x: np.ndarray, y: np.ndarray) -> Any:
    """The model, fitted by one thread: many share the machine, and few rows need no more."""
    with threadpool_limits(limits=1), warnings.catch_warnings():
        # A reader that could still be a little better is a reader.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(x, y)


def note(name: str, scores: Mapping[str, float], rows: int) -> str:
    """The reader, what it learned from and on what it was chosen, as protocols say it."""
    told = ", ".join(f"{other} {score:.3f}" for other, score in scores.items())
    chosen = f"; chosen on a quarter of their originals: {told}" if told else ""
    return f"{name} reader, learned from {rows} training examples{chosen}"
