"""Which examples share a label with one of another source, in a few bytes for each."""

import warnings
from collections.abc import Sequence

import numpy as np

from iin_tf.checks import InputError, label_text
from iin_tf.data.labels import group_codes


class GroupedRows:
    """Examples in rows: group after group, and within a group source after source.

    Args:
      example: whole numbers [rows].
      groups: the row where each group begins, and the number of rows: [groups + 1].
      sources: the row where the examples of each source begin within a group, likewise; None where
        none has two in a group.
    """

    def __init__(self, example: np.ndarray, groups: np.ndarray, sources: np.ndarray | None):
        # Half the memory, for all but enormous stores.
        self.example, self.groups = _narrow(example), _narrow(groups)
        self.sources = None if sources is None else _narrow(sources)

    def __len__(self) -> int:
        return len(self.example)

    def spans(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Where the groups of `rows` begin and their sizes; those of its own source within it."""
        own = (rows, np.ones_like(rows)) if self.sources is None else _span(self.sources, rows)
        return *_span(self.groups, rows), *own

    def examples(self, rows: np.ndarray) -> np.ndarray:
        """Those in `rows`, as int64."""
        return self.example[rows].astype(np.int64)

    @classmethod
    def joined(cls, parts: Sequence["GroupedRows"]) -> "GroupedRows":
        """The rows of one part after those of another."""
        if len(parts) == 1:
            return parts[0]
        ends = np.cumsum([len(part) for part in parts])
        sources = None
        if any(part.sources is not None for part in parts):
            sources = _edges([part.source_edges() for part in parts], ends)
        example = np.concatenate([part.example for part in parts])
        return cls(example, _edges([part.groups for part in parts], ends), sources)

    def source_edges(self) -> np.ndarray:
        """`sources`, also where it is None."""
        return np.arange(len(self) + 1) if self.sources is None else self.sources


def group_rows(values: np.ndarray, names: Sequence[str], source: np.ndarray) -> GroupedRows:
    """The members of all groups with two sources or more.

    Args:
      values: [n, ...], labels.
      names: of the factors that they are labels of, for messages.
      source: int [n].

    Raises:
      InputError: there is no such group.
    """
    # Of ten million examples each array here takes as much as the labels.
    codes, groups = group_codes(values)
    # Those without a label come first.
    order = _order(codes, source)[np.count_nonzero(codes < 0) :]
    group = codes[order]
    del codes
    new_group = _changes(group)
    new_run = new_group | _changes(source[order])
    runs = np.bincount(group[new_run], minlength=len(groups))
    _report_lonely(names, groups, runs < 2)
    if (runs < 2).any():
        paired = (runs > 1)[group]
        order, new_group, new_run = order[paired], new_group[paired], new_run[paired]
    sources = None if new_run.all() else _starts(new_run)
    return GroupedRows(order, _starts(new_group), sources)


def _order(codes, source):
    """By code, and by source where codes are equal."""
    if (source[1:] >= source[:-1]).all():
        return np.argsort(codes, kind="stable")
    return np.lexsort((source, codes))


def _changes(values):
    """Which of them differ from the one before; the first does."""
    found = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found


def _starts(is_start):
    return np.append(np.flatnonzero(is_start), len(is_start))


def _edges(parts, ends):
    """Edges of all parts, as rows of the whole."""
    starts = [part[:-1] + (end - part[-1]) for part, end in zip(parts, ends, strict=True)]
    return np.concatenate([*starts, ends[-1:]])


def _narrow(rows):
    small = not len(rows) or rows.max() <= np.iinfo(np.int32).max
    return rows.astype(np.int32 if small else np.int64, copy=False)


def _span(edges, rows):
    """The start and the size of the span between two edges that each row lies in."""
    # Of one dtype, or all edges are copied.
    place = np.searchsorted(edges, rows.astype(edges.dtype), side="right") - 1
    start = edges[place].astype(np.int64)
    return start, edges[place + 1] - start


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
