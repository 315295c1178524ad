"""How much noise a representation bears before its factors can no longer be read."""

from collections.abc import Sequence

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GroupShuffleSplit
from threadpoolctl import threadpool_limits

from iin_tf.audits.inputs import Label

NOISES = (0.05, 0.1, 0.2, 0.3, 0.45, 0.6)
# What a reader may lose: of its accuracy, or of its R^2.
_LOSS = 0.08
_HELD_OUT = 0.25
# More rows make the readers slower, and hardly better.
_MOST_ROWS = 5000
_PENALTIES = np.logspace(-3, 4, 8)


def readings_by_noise(
    z: np.ndarray, labels: Sequence[Label], source: np.ndarray, seed: int = 0
) -> dict[str, list[float]]:
    """How well a linear reader reads each factor from rows with more and more isotropic noise.

    Args:
      z: float [n, N].
      labels: `Label`s of the n examples.
      source: int [n], the original of each; the reader is scored on originals of its own.
      seed: of the rows, the split and the noise.

    Returns:
      Mapping factor -> for each of `NOISES` the accuracy, or R^2 of floats, on held-out originals.
    """
    return {label.name: _readings(z, label, source, seed) for label in labels}


def bearable(readings: dict[str, list[float]]) -> int:
    """The place in `NOISES` of the most noise that costs no factor more than 0.08."""
    place = 0
    for one in range(len(NOISES)):
        if any(values[0] - min(values[: one + 1]) > _LOSS for values in readings.values()):
            break
        place = one
    return place


def _readings(z, label, source, seed):
    random = np.random.default_rng(seed)
    rows = random.permutation(np.flatnonzero(label.known))[:_MOST_ROWS]
    split = GroupShuffleSplit(1, test_size=_HELD_OUT, random_state=seed)
    fitted, scored = next(split.split(rows, groups=source[rows]))
    z, values = z[rows].astype(np.float64), label.values[rows]
    unit = np.sqrt(z.var(axis=0).mean())
    eps = random.normal(size=z.shape)
    with threadpool_limits(limits=2):
        return [_score(z + noise * unit * eps, values, label, fitted, scored) for noise in NOISES]


def _score(z, values, label, fitted, scored):
    model = RidgeCV(_PENALTIES) if label.continuous else LinearDiscriminantAnalysis(solver="lsqr")
    return float(model.fit(z[fitted], values[fitted]).score(z[scored], values[scored]))
