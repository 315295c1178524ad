"""Pairs of examples that share labels: grouped once, then drawn at constant cost."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from iin_tf.checks import InputError, flag, shown
from iin_tf.data.labels import (
    check_factors,
    check_labels,
    check_source,
    cumulative_weights,
    group_codes,
)
from iin_tf.data.pairs.grouped_rows import GroupedRows, group_rows
from iin_tf.data.stateless import Stream, check_seed, draw_by_weight, generator


class PairSampler:
    """Pairs whose members have the same label in the drawn factor, and independent ones elsewhere.

    The first member is uniform over the examples that have a partner for the drawn factor, the
    second uniform over the members of its group that are views of other sources.  What the two
    have in common beyond the drawn factor is chance and is not marked.

    Args:
      labels: mapping name -> [n, ...], or a data frame: whole numbers, texts, or vectors such as
        an RGB [n, 3], which agree when they are exactly equal.  A label that is missing (a
        negative whole number, "", NaN, None) never takes part in a pair for that factor.
      factors: names in the order of the layout's blocks; block k + 1 is factors[k].
      source: whole numbers or texts [n], the original that an example is a view of; the two
        members of a pair never stem from one.  By default every example is a thing of its own.
      shares: what a pair shares: factor names, or tuples of names for pairs that share several
        factors at once.  By default each factor alone.
      balanced: draw groups, not examples, equally often.
      weights: mapping -> positive number, how often each entry of `shares` is drawn relative to
        the others; by default equally often, so that no factor starves.
      seed: pairs are a pure function of (seed, step).

    Raises:
      InputError: unknown names, wrong lengths, a share that no two sources have.
    """

    def __init__(
        self,
        labels: Mapping[str, object],
        factors: Sequence[str],
        *,
        source: object = None,
        shares: Sequence[str | tuple[str, ...]] | None = None,
        balanced: bool = False,
        weights: Mapping[Hashable, float] | None = None,
        seed: int = 0,
    ):
        self.labels, self.examples = check_labels(labels)
        self.factors = check_factors(factors, self.labels)
        self.source = check_source(source, self.examples)
        self.seed = check_seed(seed)
        self.balanced = flag(balanced, "balanced")
        kinds = self.factors if shares is None else _shares(shares, self.factors)
        self._cumulative = cumulative_weights(weights, kinds)
        self._shared = np.zeros((len(kinds), len(self.factors) + 1), dtype=bool)
        parts = []
        for row, share in zip(self._shared, kinds, strict=True):
            names = (share,) if isinstance(share, str) else share
            row[[self.factors.index(name) + 1 for name in names]] = True
            parts.append(group_rows(self._joint_labels(names), names, self.source))
        self.blocks = self._shared.any(axis=0)
        self._join(parts)

    def draw(self, count: int, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pairs of one step.

        Returns:
          index_a int64 [count], index_b int64 [count], shared bool [count, K + 1].
        """
        random = generator(self.seed, step, Stream.PAIRS)
        share = draw_by_weight(random, count, self._cumulative)
        if self.balanced:
            group = self._first_group[share] + random.integers(self._group_count[share])
            start = self._rows.groups[group].astype(np.int64)
            row = start + random.integers(self._rows.groups[group + 1] - start)
        else:
            row = self._first_row[share] + random.integers(self._row_count[share])
        start, size, own_start, own_size = self._rows.spans(row)
        # Members of one source stand together: jump over a's own.
        partner = start + random.integers(size - own_size)
        partner += np.where(partner >= own_start, own_size, 0)
        return self._rows.examples(row), self._rows.examples(partner), self._shared[share]

    def _joint_labels(self, names):
        """One label that agrees where all of `names` agree."""
        if len(names) == 1:
            return self.labels[names[0]]
        codes = np.stack([group_codes(self.labels[name])[0] for name in names], axis=1)
        return np.where((codes < 0).any(axis=1, keepdims=True), -1, codes)

    def _join(self, parts):
        """All shares in one, so that a draw needs no loop over them."""
        self._row_count, self._first_row = _counted([len(part) for part in parts])
        self._group_count, self._first_group = _counted([len(part.groups) - 1 for part in parts])
        self._rows = GroupedRows.joined(parts)


def _counted(counts):
    """The counts, and how many come before each."""
    return np.array(counts), np.cumsum(counts) - counts


def _shares(shares, factors):
    """`shares` as names, or tuples of names, all in `factors`."""
    try:
        kinds = [share if isinstance(share, str) else tuple(share) for share in shares]
    except TypeError:
        raise InputError(
            f"shares is {shown(shares)}; give names, or tuples of names, of {list(factors)}"
        ) from None
    if not kinds or isinstance(shares, str):
        raise InputError(f"shares is {shown(shares)}; give a sequence of names or tuples of them")
    for kind in kinds:
        check_factors((kind,) if isinstance(kind, str) else kind, factors, "shares")
        if kinds.count(kind) > 1:
            raise InputError(f"shares holds {kind!r} twice; raise its weight instead")
    return tuple(kinds)
