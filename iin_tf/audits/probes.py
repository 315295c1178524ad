"""Probes: small models that read a factor from raw representations, where nothing decodes them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.audits.inputs import Label, read_labels, source_codes
from iin_tf.audits.readers import LINEAR, PERCEPTRON, compare, fit, note, readers
from iin_tf.checks import InputError
from iin_tf.results import Result, Results

# More rows than these make a perceptron slow, and hardly better.
_MOST_ROWS = 10_000
# Of a perceptron, at most.
_STEPS = 2000


class Probe:
    """Reads one factor from representations; it has seen no edited one.

    Args:
      model: whatever has `predict`, on standardised rows or with its own scaler.
      width: N.
      target: `Label` that it was trained on.
      about: what it is and what it learned from, for the protocol of what it reads.
    """

    def __init__(self, model: Any, width: int, target: Label, about: Mapping[str, Any]):
        self._model, self._width = model, width
        self._continuous, self._shape = target.continuous, target.given.shape[1:]
        self.about = dict(about)

    @property
    def continuous(self) -> bool:
        """Whether it reads floats."""
        return self._continuous

    def read(self, z: ArrayLike) -> np.ndarray:
        """The label of each row of `z` [B, N]: classes [B], or floats [B] or [B, c].

        Raises:
          InputError: not finite rows of N columns.
        """
        found = self._model.predict(self._checked(z))
        return found.reshape(len(found), *self._shape) if self._continuous else found

    def outputs(self, z: ArrayLike) -> np.ndarray:
        """What it makes of each row of `z` [B, N] before it decides: float [B, O].

        Probabilities of the classes, or the floats themselves; raises as `read`.
        """
        rows = self._checked(z)
        if self._continuous:
            return self._model.predict(rows).reshape(len(rows), -1)
        return self._model.predict_proba(rows)

    def _checked(self, z: ArrayLike) -> np.ndarray:
        z = checks.real_array(z, "z")
        checks.check_matrix(z, "z")
        if z.shape[1] != self._width:
            raise InputError(f"z has {z.shape[1]} columns; the probe reads rows of {self._width}")
        checks.check_finite_rows(z, "z")
        return z.astype(np.float64)


def train_probes(
    z: ArrayLike,
    labels: Mapping[str, ArrayLike],
    source: ArrayLike | None = None,
    seed: int = 0,
    log_variance: ArrayLike | None = None,
) -> dict[str, Probe]:
    """A probe of each factor, trained on raw representations of training examples.

    Classes are read by logistic regression or a perceptron of 128 units, floats by ridge
    regression or such a perceptron: whichever does better on a quarter of the sources; it is then
    trained on all of them.  At most 10,000 rows are used, of which those with an unknown label are
    left out.  Columns are standardised; of more than 512 a perceptron reads the 256 leading
    principal components.

    Where a representation has noise, give its log-variance: probes then learn from noisy rows, as
    the network does, and do not read what the noise hides.  Without it, a standardised column of
    little variance counts as much as any other, and an edit that moves it by less than the noise
    is read as nonsense.

    Args:
      z: float [n, N], representations that no network has edited.
      labels: mapping factor -> whole numbers, bools or texts [n], or floats [n] or [n, c].
      source: whole numbers or texts [n], the original of each example; None where every example
        is an original.
      seed: of the rows, the noise, the comparison and the perceptrons.
      log_variance: float [n, N], of the noise of each row; None for rows as they are.

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
    if log_variance is not None and np.shape(log_variance) != z.shape:
        raise InputError(
            f"log_variance has shape {np.shape(log_variance)}, but z {z.shape}; give one for each"
        )
    return {
        label.name: _train(z, label, source, seed, log_variance)
        for label in read_labels(labels, len(z))
    }


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
        kind, score = "probe/{factor}", reading == truth
        if label.continuous:
            kind, score = "probe/{factor}/error", np.abs(reading - truth)
        found.append(Result(kind, {"factor": name}, score.mean(), protocol=probe.about))
    return Results(found)


def _train(z: np.ndarray, label: Label, source: np.ndarray, seed: int, log_variance: Any) -> Probe:
    random = np.random.default_rng(seed)
    rows = random.permutation(np.flatnonzero(label.known))[:_MOST_ROWS]
    x, y, groups = z[rows].astype(np.float64), label.given[rows], source[rows]
    if log_variance is not None:
        x += np.exp(0.5 * log_variance[rows]) * random.normal(size=x.shape)
    if len(np.unique(groups)) < 4 or len(np.unique(y, axis=0)) < 2:
        raise InputError(
            f"labels[{label.name!r}] has {len(np.unique(y, axis=0))} values in "
            f"{len(np.unique(groups))} sources; a probe needs two values, and four sources"
        )
    names = (LINEAR, PERCEPTRON)
    models = readers(label.continuous, len(rows), z.shape[1], seed, names, _STEPS)
    scores = compare(models, x, y, groups, seed)
    # Among few rows, a rare class may be all in one part: then the simpler model.
    name = max(scores, key=scores.__getitem__) if scores else LINEAR
    about = {"reader": name, "rows": len(rows), "scores": scores}
    about["note"] = note(name, scores, len(rows))
    return Probe(fit(models[name], x, y), z.shape[1], label, about)
