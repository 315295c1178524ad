"""Batches of labelled examples that hold groups of useful size, for the joint likelihood."""

from collections.abc import Mapping, Sequence

import numpy as np

from iin_tf.checks import flag, whole
from iin_tf.data.labels import (
    check_factors,
    check_labels,
    check_source,
    cumulative_weights,
    group_codes,
)
from iin_tf.data.pairs.grouped_rows import GroupedRows, group_rows
from iin_tf.data.pairs.label_kernel import SquaredExponential, check_kernels
from iin_tf.data.pairs.near_groups import NearGroups
from iin_tf.data.stateless import MOST, Stream, check_seed, draw_by_weight, generator


class GroupSampler:
    """Batches in which groups of a few examples share a label, for every factor, with all labels.

    A batch has a part for each factor.  It is filled with groups: a value of the factor, and
    `members` examples that have it, views of different sources.  So colours or speakers, of
    which there are too many to meet by chance, meet as classes do.  Every example comes with all
    its labels, so that it also joins the groups of the other factors that it happens to fall into.
    A group of the batch with more than `members` examples is taken apart at random into
    groups of that size: many members of few classes would outweigh everything else.

    Of a continuous factor a group is an example and `members` - 1 whose values lie about a length
    scale away; the other examples of the batch form random groups of as many.

    Args:
      labels: as `PairSampler` takes them.
      factors: names in the order of the layout's blocks; column k of a batch is factors[k].
      source: whole numbers or texts [n], the original that an example is a view of; of two in one
        batch the second takes part in no group.  By default each is a thing of its own.
      kernels: mapping continuous factor -> `SquaredExponential`.
      members: the size of a group; with 2, groups are the pairs of `PairSampler`.
      balanced: draw values, not examples, equally often.
      weights: mapping factor -> positive number, how much of a batch is for it; by default equal.
      seed: batches are a pure function of (seed, step).

    Raises:
      InputError: unknown names, wrong lengths, a factor of which no two sources share a value.
    """

    def __init__(
        self,
        labels: Mapping[str, object],
        factors: Sequence[str],
        *,
        kernels: Mapping[str, SquaredExponential] | None = None,
        source: object = None,
        members: int = 4,
        balanced: bool = False,
        weights: Mapping[str, float] | None = None,
        seed: int = 0,
    ):
        self.labels, self.examples = check_labels(labels)
        self.factors = check_factors(factors, self.labels)
        self.source = check_source(source, self.examples)
        self.members = whole(members, "members", least=2)
        self.balanced = flag(balanced, "balanced")
        self.seed = check_seed(seed)
        self._cumulative = cumulative_weights(weights, self.factors)
        kernels = check_kernels(kernels, self.factors)
        random = generator(self.seed, 0, Stream.NEIGHBOURS)
        self._codes: dict[str, np.ndarray] = {}
        self._groups: dict[str, _Groups | NearGroups] = {}
        for name in self.factors:
            values = self.labels[name]
            if name in kernels:
                self._groups[name] = NearGroups(name, values, kernels[name], self.source, random)
            else:
                self._codes[name] = group_codes(values)[0]
                self._groups[name] = _Groups(group_rows(values, (name,), self.source))

    def draw(self, count: int, step: int) -> tuple[np.ndarray, np.ndarray | dict[str, np.ndarray]]:
        """The examples of one step, in random order.

        Returns:
          index int64 [count], and labels int32 [count, K], equal within a group, -1 where unknown;
          with kernels a dict factor -> int32 [count], or float32 [count, C] of a continuous
          factor: points as `KernelLabels` gives them, NaN where unknown.
        """
        random = generator(self.seed, step, Stream.GROUPS)
        count = whole(count, "count", least=0, most=MOST)
        factor = draw_by_weight(random, count, self._cumulative)
        rows = np.bincount(factor, minlength=len(self.factors))
        index = np.concatenate(
            [
                groups.draw(random, part, self.members, self.balanced)
                for groups, part in zip(self._groups.values(), rows, strict=True)
            ]
        )
        order = random.permutation(count)
        own = [slice(end - part, end) for part, end in zip(rows, np.cumsum(rows), strict=True)]
        # Two views of one original have more in common than a factor.
        _, first = np.unique(self.source[index[order]], return_index=True)
        seen = np.ones(count, bool)
        seen[first] = False
        labels = {}
        for (name, groups), part in zip(self._groups.items(), own, strict=True):
            if isinstance(groups, NearGroups):
                points = groups.labels(random, index, part, self.members)[order]
                points[seen] = np.nan
                labels[name] = points
            else:
                codes = np.where(seen, -1, self._codes[name][index[order]])
                labels[name] = _taken_apart(codes, self.members).astype(np.int32)
        if len(self._codes) < len(self.factors):
            return index[order], labels
        return index[order], np.stack(list(labels.values()), axis=1)


class _Groups:
    """The groups of one factor: where their sources' examples stand."""

    def __init__(self, rows: GroupedRows):
        self._rows = rows
        # The place of each group's first source among all sources, and their number.
        self._first = (
            rows.groups if rows.sources is None else np.searchsorted(rows.sources, rows.groups)
        )

    def draw(self, random, count, members, balanced):
        """`count` examples in groups of `members` (the last may be smaller): int64 [count]."""
        found, groups = [np.empty(0, np.int64)], self._rows.groups
        while count:
            if balanced:
                group = random.integers(len(groups) - 1)
            else:
                row = random.integers(len(self._rows))
                group = np.searchsorted(groups, groups.dtype.type(row), side="right") - 1
            first, end = self._first[group : group + 2].tolist()
            size = min(members, count, end - first)
            start, sizes = self._sources(first + random.choice(end - first, size, replace=False))
            found.append(self._rows.examples(start + random.integers(sizes)))
            count -= size
        return np.concatenate(found)

    def _sources(self, places):
        """Where the examples of some sources begin, and how many they are."""
        edges = self._rows.sources
        if edges is None:
            return places, np.ones_like(places)
        start = edges[places].astype(np.int64)
        return start, edges[places + 1] - start


def _taken_apart(column, members):
    """Codes [n] of which none occurs more than `members` times, -1 where `column` has it."""
    order = np.argsort(column, kind="stable")
    codes = column[order]
    start = np.flatnonzero(np.diff(codes, prepend=codes[:1] - 1))
    rank = np.arange(len(codes)) - np.repeat(start, np.diff(start, append=len(codes)))
    parts = np.empty(len(codes), np.int64)
    parts[order] = np.cumsum(rank % members == 0) - 1
    return np.where(column < 0, -1, parts)
