"""Probes: small models that read a factor from raw representations, where nothing decodes them."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import GroupShuffleSplit
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from iin_tf import checks
from iin_tf.audits.inputs import Label, read_labels, source_codes
from iin_tf.checks import InputError
from iin_tf.results import Result, Results

# More rows than these make a perceptron slow, and hardly better.
_MOST_ROWS = 10_000
# Of the sources, those on which the linear and the non-linear probe are compared.
_HELD_OUT = 0.25
# Of a perceptron, at most; scikit-learn takes 200 rows in each.
_STEPS, _BATCH = 2000, 200
_PENALTIES = np.logspace(-3, 4, 15)


class Probe:
    """Reads one factor from representations; it has seen no edited one.

    Args:
      model: whatever has `predict`, on standardised rows or with its own scaler.
      width: N.
      target: `Label` that it was trained on.
    """

    def __init__(self, model: Any, width: int, target: Label):
        self._model, self._width = model, width
        self._continuous, self._shape = target.continuous, target.given.shape[1:]

    def read(self, z: ArrayLike) -> np.ndarray:
        """The label of each row of `z` [B, N]: classes [B], or floats [B] or [B, c].

        Raises:
          InputError: not finite rows of N columns.
        """
        z = checks.real_array(z, "z")
        checks.check_matrix(z, "z")
        if z.shape[1] != self._width:
            raise InputError(f"z has {z.shape[1]} columns; the probe reads rows of {self._width}")
        checks.check_finite_rows(z, "z")
        found = self._model.predict(z.astype(np.float64))
        return found.reshape(len(z), *self._shape) if self._continuous else found


def train_probes(
    z: ArrayLike,
    labels: Mapping[str, ArrayLike],
    source: ArrayLike | None = None,
    seed: int = 0,
) -> dict[str, Probe]:
    """A probe of each factor, trained on raw representations of training examples.

    Classes are read by logistic regression or a perceptron of 128 units, floats by ridge
    regression or such a perceptron: whichever does better on a quarter of the sources; it is then
    trained on all of them.  At most 10,000 rows are used, of which those with an unknown label are
    left out.  Columns are standardised.

    Args:
      z: float [n, N], representations that no network has edited.
      labels: mapping factor -> whole numbers, bools or texts [n], or floats [n] or [n, c].
      source: whole numbers or texts [n], the original of each example; None where every example
        is an original.
      seed: of the rows, the comparison and the perceptrons.

    Returns:
      Mapping factor -> `Probe`; what `swap_metrics` takes as judges, with the identity in place of
      a decoder.

    Raises:
      InputError: rows that are not finite, lengths that differ, or a factor with fewer than four
        sources or with a single class.
    """
    z = checks.real_array(z, "z")
    checks.check_matrix(z, "z")
    checks.check_finite_rows(z, "z")
    checks.whole(seed, "seed", least=0)
    source = source_codes(source, len(z))
    return {label.name: _train(z, label, source, seed) for label in read_labels(labels, len(z))}


def probe_metrics(
    probes: Mapping[str, Probe], z: ArrayLike, labels: Mapping[str, ArrayLike]
) -> Results:
    """How well probes read untouched held-out representations.

    Args:
      probes: as `train_probes` gives them.
      z: float [n, N], held-out.
      labels: mapping factor -> labels [n]; unknown ones are left out.

    Returns:
      `Results`: `probe/FACTOR` (accuracy), or `probe/FACTOR/error` (mean absolute difference) for
      floats.

    Raises:
      InputError: a probe without labels, or rows that it cannot read.
    """
    z, found = checks.real_array(z, "z"), []
    known = {label.name: label for label in read_labels(labels, len(z))}
    for name, probe in probes.items():
        if name not in known:
            raise InputError(f"probes has {name!r}, but labels has {[*known]}; give its labels")
        label = known[name]
        reading, truth = probe.read(z[label.known]), label.given[label.known]
        fields = {"factor": name}
        if label.continuous:
            found.append(Result("probe/{factor}/error", fields, np.abs(reading - truth).mean()))
        else:
            found.append(Result("probe/{factor}", fields, (reading == truth).mean()))
    return Results(found)


def _train(z: np.ndarray, label: Label, source: np.ndarray, seed: int) -> Probe:
    rows = np.flatnonzero(label.known)
    rows = np.random.default_rng(seed).permutation(rows)[:_MOST_ROWS]
    x, y, groups = z[rows].astype(np.float64), label.given[rows], source[rows]
    if len(np.unique(groups)) < 4 or len(np.unique(y, axis=0)) < 2:
        raise InputError(
            f"labels[{label.name!r}] has {len(np.unique(y, axis=0))} values in "
            f"{len(np.unique(groups))} sources; a probe needs two values, and four sources"
        )
    models = _candidates(label, len(rows), seed)
    split = GroupShuffleSplit(1, test_size=_HELD_OUT, random_state=seed)
    fitted, scored = next(split.split(x, groups=groups))
    with threadpool_limits(limits=1), warnings.catch_warnings():
        # A probe that could still be a little better is a probe.
        warnings.simplefilter("ignore", ConvergenceWarning)
        # Among few rows, a rare class may be all in one part: then the simpler model.
        if label.continuous or len(np.unique(y[fitted])) > 1:
            models.sort(
                key=lambda model: -model.fit(x[fitted], y[fitted]).score(x[scored], y[scored])
            )
        return Probe(models[0].fit(x, y), z.shape[1], label)


def _candidates(label: Label, rows: int, seed: int) -> list:
    """The linear and the non-linear model, not yet fitted; the linear one first."""
    perceptron: dict[str, Any] = {
        "hidden_layer_sizes": (128,),
        "alpha": 1e-3,
        "max_iter": max(20, _STEPS * _BATCH // rows),
        "random_state": seed,
    }
    if label.continuous:
        scaled = TransformedTargetRegressor(
            MLPRegressor(**perceptron), transformer=StandardScaler()
        )
        models = [RidgeCV(_PENALTIES), scaled]
    else:
        models = [LogisticRegression(C=0.1, max_iter=300), MLPClassifier(**perceptron)]
    return [make_pipeline(StandardScaler(), model) for model in models]
