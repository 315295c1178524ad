"""The examples that an explorer chooses from, compares with and maps."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from iin_tf.audits.retrieval import exact_neighbors
from iin_tf.checks import InputError, is_missing, shown
from iin_tf.data.ids import id_texts
from iin_tf.factors import FactorLayout

_MOST_LETTERS = 120


class Gallery:
    """Examples with their codes.

    Args:
      layout: FactorLayout.
      ids: [n] whole numbers or texts.
      z: float [n, N], their representations.
      codes: float [n, N], z_tilde.
      log_prob: float [n], nats.
      labels: mapping name -> [n] or [n, c].
      x: [n, ...], their inputs, or None.
      kind: what they are, as a sentence counts them: "real examples".
      periods: mapping label -> its period, of those that go round.
    """

    def __init__(
        self,
        layout: FactorLayout,
        ids: Any,
        z: np.ndarray,
        codes: np.ndarray,
        log_prob: np.ndarray,
        labels: Mapping[str, np.ndarray] | None = None,
        x: Any = None,
        kind: str = "real examples",
        periods: Mapping[str, float] | None = None,
    ):
        self.layout, self.ids = layout, id_texts(ids, "ids")
        self.z, self.codes = np.asarray(z, np.float32), np.asarray(codes, np.float32)
        self.labels, self.x, self.kind = dict(labels or {}), x, kind
        self.periods = dict(periods or {})
        self._sorted_log_prob = np.sort(np.asarray(log_prob, np.float64))
        self._rows = {name: row for row, name in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, example: str) -> int | None:
        """The row of the example with this id; None where there is none."""
        return self._rows.get(str(example))

    def known_row(self, example: str) -> int:
        """As `row`.

        Raises:
          InputError: no example has this id.
        """
        row = self.row(example)
        if row is None:
            raise InputError(
                f"example is {shown(example)}, which is no id; they begin with {self.ids[:3]}"
            )
        return row

    def unlike(self, row: int) -> int:
        """The first example after `row` that differs from it in the most factors."""
        differing = np.zeros(len(self), int)
        for name in self.layout.factor_names:
            if name in self.labels:
                values = np.asarray(self.labels[name]).reshape(len(self), -1)
                known = ~is_missing(self.labels[name])
                differing += (values != values[row]).any(axis=1) & known & known[row]
        # The rows behind it first; it itself last.
        order = np.roll(np.arange(len(self)), -row - 1)
        return int(order[np.argmax(differing[order])])

    def caption(self, row: int) -> str:
        """What an example is called: its text, or its id with its labels."""
        if self._has_texts:
            return _cut(str(self.x[row]))
        told = self.told(row)
        return _cut(f"{self.ids[row]} ({told})" if told else self.ids[row])

    def name(self, row: int) -> str:
        """The text of an example, or its id."""
        return _cut(str(self.x[row])) if self._has_texts else self.ids[row]

    def told(self, row: int) -> str:
        """The labels of an example."""
        found = (f"{name} {_told(values[row])}" for name, values in self.labels.items())
        return _cut(", ".join(found))

    @property
    def _has_texts(self):
        return self.x is not None and len(self.x.shape) == 1 and self.x.dtype.kind in "UO"

    def percentile(self, log_prob: float) -> float:
        """The share of the examples that are less likely, in percent."""
        below = np.searchsorted(self._sorted_log_prob, log_prob)
        return float(100 * below / len(self._sorted_log_prob))

    def neighbors(self, code: np.ndarray, block: str | None, count: int) -> np.ndarray:
        """Rows of the examples nearest to a code z_tilde [N] in one block, nearest first.

        Args:
          code: float [N].
          block: its name; None for the whole code.
          count: at most this many.
        """
        columns = slice(None) if block is None else self.layout.slices[block]
        query = np.asarray(code)[None, columns]
        return exact_neighbors(self.codes[:, columns], query, min(count, len(self)))[0]


def _told(value: Any) -> str:
    """A label's value; three numbers in [0, 1] as the colour that they are."""
    numbers = np.atleast_1d(value)
    if numbers.dtype.kind != "f":
        return "/".join(str(number) for number in numbers)
    if len(numbers) == 3 and (numbers >= 0).all() and (numbers <= 1).all():
        return "#" + "".join(f"{level:02x}" for level in np.rint(255 * numbers).astype(int))
    return "/".join(f"{number:.3g}" for number in numbers)


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"
