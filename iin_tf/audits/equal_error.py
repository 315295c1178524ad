"""The equal error rate of weighted pairs, for intervals that resample them."""

import numpy as np


class EqualErrorRate:
    """Where as many pairs that share are rejected as others accepted, by one score.

    Scores are sorted once for all weights; between two thresholds the error rates are
    interpolated, as along the ROC curve.

    Args:
      scores: [P], higher where sharing is likelier.
      same: bool [P], which pairs do share.
    """

    def __init__(self, scores: np.ndarray, same: np.ndarray):
        self._order = np.argsort(-scores, kind="stable")
        self._same = same[self._order]
        ordered = scores[self._order]
        # Of equal scores all are accepted, or none.
        self._last = np.flatnonzero(np.append(np.diff(ordered) != 0, True))

    def of(self, weights: np.ndarray) -> np.ndarray:
        """The rate of weights [R, P], how often each pair is taken: [R]."""
        weights = weights[:, self._order]
        accepted, rejected = self._share(weights, ~self._same), 1 - self._share(weights, self._same)
        # The first threshold at which as many are wrongly accepted as wrongly rejected.
        after = np.argmax(accepted >= rejected, axis=1)
        rows = np.arange(len(weights))
        fall, rise = (rate[rows, after] for rate in (rejected, accepted))
        fell, rose = (rate[rows, after - 1] for rate in (rejected, accepted))
        step = (fell - rose) / ((fell - rose) + (rise - fall))
        return rose + step * (rise - rose)

    def _share(self, weights, kind):
        """The share of the pairs of a kind above each threshold, from none to all."""
        total = np.cumsum(weights * kind, axis=1)
        share = total[:, self._last] / total[:, -1:]
        return np.concatenate([np.zeros((len(weights), 1)), share], axis=1)
