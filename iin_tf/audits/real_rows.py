"""Whether edited representations still look like real ones."""

import warnings
from typing import TYPE_CHECKING

import numpy as np

from iin_tf.audits.outputs import chunks
from iin_tf.results import Result
from iin_tf.statistics import null_bound

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

# The part of real rows beyond which a row is unlike them.
LEVEL = 0.01
_PAIRS = 10_000
# Of the edits, those that may leave the data: real examples do in one case of a hundred.
MOST_LEFT = 0.05


class RealRows:
    """How likely held-out real rows are, and how far apart.

    Args:
      network: InterpretationNetwork; its density is asked.
      z: float [n, N], real representations that it has not learned from, of two sources or more.
      source: int [n], the original of each.
      seed: of the pairs whose distances are taken.

    Attributes:
      least_log_prob: what 99 % of the rows exceed, nats.
      largest_change: what 99 % of the distances between two of them stay below.
    """

    def __init__(
        self, network: "InterpretationNetwork", z: np.ndarray, source: np.ndarray, seed: int
    ):
        self._network = network
        self.least_log_prob = float(null_bound(self._log_prob(z), LEVEL))
        one, two = np.random.default_rng(seed).integers(len(z), size=(2, _PAIRS))
        differ = source[one] != source[two]
        distances = np.linalg.norm(z[one[differ]] - z[two[differ]], axis=1)
        self.largest_change = float(null_bound(distances, 1 - LEVEL))

    def left_by(self, edited: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which edits leave the data.

        Args:
          edited: float [B, N].
          before: float [B, N], the same rows before the edit.

        Returns:
          bool [B]: less likely than 99 % of real rows; bool [B]: changed by more than 99 % of the
          distances between two real rows.
        """
        change = np.linalg.norm(edited - before, axis=1)
        return self._log_prob(edited) < self.least_log_prob, change > self.largest_change

    def _log_prob(self, z: np.ndarray) -> np.ndarray:
        return np.concatenate([np.asarray(self._network.log_prob(rows)) for rows in chunks(z)])


def left_results(block: str, gone: list) -> list[Result]:
    """`swap/BLOCK/unlikely` and `/far`, with a warning where they are many.

    Args:
      block: that was exchanged.
      gone: what `RealRows.left_by` gave, of one or several batches; [] where nothing was asked.
    """
    if not gone:
        return []
    unlikely, far = (float(np.concatenate(part).mean()) for part in zip(*gone, strict=True))
    if max(unlikely, far) > MOST_LEFT:
        warnings.warn(
            f"{unlikely:.1%} of the edits of {block!r} are less likely than 99 % of real examples, "
            f"and {far:.1%} change more than two real examples differ: what is read of them may "
            "not be trusted; train longer or with a smaller learning rate",
            stacklevel=4,
        )
    fields = {"block": block}
    return [
        Result("swap/{block}/unlikely", fields, unlikely),
        Result("swap/{block}/far", fields, far),
    ]
