"""The area under the ROC curve of weighted examples, for intervals that resample them."""

import numpy as np


class Ranks:
    """Where novel scores stand among known ones, sorted once for all weights.

    scikit-learn's `roc_auc_score` sorts anew for every weighting.

    Args:
      known, novel: scores [n] and [m].

    Source: Mann & Whitney 1947, On a Test of Whether one of Two Random Variables is
    Stochastically Larger than the Other.
    """

    def __init__(self, known: np.ndarray, novel: np.ndarray):
        self._order = np.argsort(known)
        # How many known scores are below each novel one, and not above it.
        self._left = np.searchsorted(known[self._order], novel, side="left")
        self._right = np.searchsorted(known[self._order], novel, side="right")

    def auroc(self, weights: np.ndarray) -> np.ndarray:
        """Probability that a novel score exceeds a known one, ties counted half: [R].

        Args:
          weights: [R, n + m], how often each row is taken, known ones first.
        """
        known, novel = np.split(weights, [len(self._order)], axis=1)
        below = np.zeros((len(known), len(self._order) + 1))
        np.cumsum(known[:, self._order], axis=1, out=below[:, 1:])
        wins = below[:, self._left]
        wins += below[:, self._right]
        wins = np.einsum("rm,rm->r", wins, novel) / 2
        return wins / (below[:, -1] * novel.sum(axis=1))
