"""Groups of examples with similar values of a continuous factor."""

import numpy as np

from iin_tf.checks import InputError, is_missing
from iin_tf.data.kernel_labels import KernelLabels
from iin_tf.data.pairs.label_kernel import SquaredExponential
from iin_tf.data.pairs.label_neighbors import near_partners

_LOOKUPS = 1_000_000
_FEWEST, _MOST = 8, 64
# In length scales: a correlation of exp(-800) is 0 in every precision.
_APART = 40.0


class NearGroups:
    """An example and some whose labels lie about a length scale away, from other sources.

    Args:
      name: the factor's, for messages.
      values: numbers [n] or [n, channels], NaN and negative whole numbers unknown.
      kernel: `SquaredExponential`.
      source: int [n].
      random: NumPy generator, by which partners are found once.

    Raises:
      InputError: values that are no numbers, or of fewer than two sources.
    """

    def __init__(
        self,
        name: str,
        values: np.ndarray,
        kernel: SquaredExponential,
        source: np.ndarray,
        random: np.random.Generator,
    ):
        self._points = KernelLabels(values, kernel).points(name)
        self._example = np.flatnonzero(~is_missing(self._points))
        source = source[self._example]
        if len(np.unique(source)) < 2:
            raise InputError(
                f"factors: no group shares {name!r}, because its {len(source)} labelled examples "
                "do not stem from two sources; label more examples or leave the factor out"
            )
        known = values[self._example].astype(np.float64).reshape(len(source), -1)
        count = max(_FEWEST, min(_MOST, _LOOKUPS // len(values)))
        near = near_partners(known, kernel, source, count, random)
        self._partners = self._example.astype(np.int32)[near]

    def draw(
        self, random: np.random.Generator, count: int, members: int, balanced: bool
    ) -> np.ndarray:
        """`count` examples in groups of `members`, one after the other: int64 [count].

        Args:
          random: NumPy generator.
          count: of examples.
          members: of a group; more than have a partner kept are drawn as further groups.
          balanced: of no meaning here, where every value is its own.
        """
        size = min(members, 1 + self._partners.shape[1])
        row = random.integers(len(self._example), size=-(-count // size))
        order = random.random((len(row), self._partners.shape[1])).argsort(axis=1)
        partners = np.take_along_axis(self._partners[row], order[:, : size - 1], axis=1)
        groups = np.concatenate([self._example[row, None], partners], axis=1)
        return groups.ravel()[:count].astype(np.int64)

    def labels(
        self, random: np.random.Generator, index: np.ndarray, own: slice, members: int
    ) -> np.ndarray:
        """Points of the examples `index` [count], taken apart into groups of `members`.

        The last channel keeps groups so far from each other that they share nothing: those drawn
        here, and of all other examples random ones.

        Args:
          random: NumPy generator.
          index: int [count].
          own: which of them `draw` gave.
          members: as in `draw`.

        Returns:
          float32 [count, C + 1], NaN where unknown.
        """
        others = np.ones(len(index), bool)
        others[own] = False
        group = np.empty(len(index))
        mine = np.count_nonzero(~others)
        group[own] = np.arange(mine) // members
        group[others] = mine + random.permutation(len(index) - mine) // members
        return np.column_stack([self._points[index], _APART * group]).astype(np.float32)
