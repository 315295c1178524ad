"""Pairs of examples that share labels: grouped once, then drawn at constant cost."""

import warnings
from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from iin_tf.checks import InputError, flag, label_text, shown
from iin_tf.data.labels import (
    check_factors,
    check_labels,
    check_source,
    cumulative_weights,
    group_codes,
)
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
            row = self._group_start[group] + random.integers(self._group_size[group])
        else:
            row = self._first_row[share] + random.integers(self._row_count[share])
        index_a, start, size, own_start, own_size = self._table[row].astype(np.int64).T
        # Members of one source stand together: jump over a's own.
        partner = start + random.integers(size - own_size)
        partner += np.where(partner >= own_start, own_size, 0)
        return index_a, self._table[partner, 0].astype(np.int64), self._shared[share]

    def _joint_labels(self, names):
        """One label that agrees where all of `names` agree."""
        if len(names) == 1:
            return self.labels[names[0]]
        codes = np.stack([group_codes(self.labels[name])[0] for name in names], axis=1)
        return np.where((codes < 0).any(axis=1, keepdims=True), -1, codes)

    def _join(self, parts):
        """All shares in one table, so that a draw needs no loop over them."""
        self._row_count = np.array([len(part) for part in parts])
        self._first_row = np.cumsum(self._row_count) - self._row_count
        for part, first in zip(parts, self._first_row, strict=True):
            part[:, [1, 3]] += first
        # Half the memory, for all but enormous stores.
        small = max(self.examples, sum(self._row_count)) <= np.iinfo(np.int32).max
        self._table = np.concatenate(parts, dtype=np.int32 if small else np.int64)
        starts = [np.unique(part[:, 1]) for part in parts]
        self._group_start = np.concatenate(starts)
        self._group_size = self._table[self._group_start, 2]
        self._group_count = np.array([len(start) for start in starts])
        self._first_group = np.cumsum(self._group_count) - self._group_count


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


def group_rows(values: np.ndarray, names: Sequence[str], source: np.ndarray) -> np.ndarray:
    """The members of all groups with two sources or more, sorted by (group, source).

    Args:
      values: [n, ...], labels.
      names: of the factors that they are labels of, for messages.
      source: int [n].

    Returns:
      int64 [members, 5]: the example, the start and size of its group, and the start and size of
      its own source within the group.
    """
    codes, groups = group_codes(values)
    order = np.lexsort((source, codes))
    order = order[codes[order] >= 0]
    group, source = codes[order], source[order]
    new_group = np.diff(group, prepend=-1) != 0
    new_run = new_group | (np.diff(source, prepend=source[:1]) != 0)
    runs = np.bincount(group[new_run], minlength=len(groups))
    _report_lonely(names, groups, runs < 2)
    paired = runs[group] > 1
    # Of ten million examples each of these takes as much as the labels.
    table = np.empty((np.count_nonzero(paired), 5), np.int64)
    table[:, 0] = order[paired]
    del codes, order, group, source
    table[:, 1], table[:, 2] = _spans(new_group[paired])
    table[:, 3], table[:, 4] = _spans(new_run[paired])
    return table


def _spans(is_start):
    """For every position, the start and the length of the span that it lies in."""
    starts = np.flatnonzero(is_start)
    lengths = np.diff(starts, append=len(is_start))
    return np.repeat(starts, lengths), np.repeat(lengths, lengths)


def _report_lonely(names, groups, lonely):
    name = " and ".join(names)
    if lonely.all():
        raise InputError(
            f"factors: no pair shares {name!r}, because none of its {len(groups)} groups has "
            "examples from two sources; label more examples or leave the factor out"
        )
    if lonely.any():
        first = ", ".join(map(label_text, groups[lonely][:3]))
        warnings.warn(
            f"{name!r}: {int(lonely.sum())} of {len(groups)} groups are left out, because they "
            f"have fewer than two sources (first {first})",
            stacklevel=4,
        )
