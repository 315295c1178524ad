"""Calibration: how much `network.same` is worth, learned from pairs that it did not train on."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression

from iin_tf.audits.inputs import check_network
from iin_tf.audits.verification_pairs import check_verified, drawn_pairs
from iin_tf.checks import choice, real_array, whole

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork


@dataclasses.dataclass(frozen=True)
class Calibration:
    """`scale * same + shift` of each factor: a log-likelihood ratio to take at its word.

    Attributes:
      factors: names of the K factors.
      scale: float [K].
      shift: float [K], nats.
    """

    factors: tuple[str, ...]
    scale: np.ndarray
    shift: np.ndarray

    def __call__(self, score: ArrayLike, factor: str) -> np.ndarray:
        """The calibrated ratios of `network.same(..., factor)` [B]: float64 [B], nats.

        Raises:
          InputError: a factor that was not calibrated.
        """
        place = self.factors.index(choice(factor, "factor", self.factors))
        return self.scale[place] * real_array(score, "score").astype(float) + self.shift[place]


def calibrated_same(
    network: "InterpretationNetwork",
    z: ArrayLike,
    labels: Mapping[str, ArrayLike],
    source: ArrayLike | None = None,
    pairs: int = 2000,
    seed: int = 0,
) -> Calibration:
    """The affine map of `network.same` under which pairs of known answers are likeliest.

    A logistic regression on as many pairs that share the factor as pairs that do not.  Its order
    of pairs, and with it the equal error rate, stays the network's; what is mended is how sure
    it is.  Fit it on examples that the network did not train on, and measure it on others.

    Args:
      network: InterpretationNetwork.
      z: float [n, N].
      labels: mapping factor -> whole numbers or texts [n]; -1 and "" are unknown.
      source: whole numbers or texts [n], the original behind each row; None where every row is
        an original.
      pairs: pairs of each kind.
      seed: whole number.

    Returns:
      `Calibration`.

    Raises:
      InputError: as `verification_errors`.

    Source: Brümmer and du Preez, "Application-independent evaluation of speaker detection",
    Computer Speech and Language 20 (2006).
    """
    check_network(network, "transform", "same")
    z, known, source = check_verified(network, z, labels, source, pairs)
    whole(seed, "seed", least=0)
    maps = []
    for label in known:
        first, second, same = drawn_pairs(label, source, pairs, np.random.default_rng(seed))
        score = np.asarray(network.same(z[first], z[second], label.name), np.float64)
        # In units of its spread; where the two kinds lie apart, the slope stays finite.
        spread = max(float(score.std()), np.finfo(float).tiny)
        found = LogisticRegression().fit(score[:, None] / spread, same)
        maps.append((found.coef_[0, 0] / spread, found.intercept_[0]))
    scale, shift = np.array(maps).reshape(-1, 2).T
    return Calibration(tuple(label.name for label in known), scale, shift)
