"""Pairs that somebody wrote down: a concept sketched by hand."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from iin_tf.checks import InputError, is_missing
from iin_tf.data.ids import id_texts, join
from iin_tf.data.labels import (
    check_factors,
    check_labels,
    check_source,
    cumulative_weights,
    mapping,
)
from iin_tf.data.stateless import Stream, check_seed, draw_by_weight, generator
from iin_tf.data.tables import read_table

_MEMBERS = ("id_a", "id_b")


class PairTable:
    """Pairs from a table: a CSV or Parquet file, or a data frame.

    Its columns are:

        id_a,id_b                   the two share the only factor there is
        id_a,id_b,factor            the factor that the two share; several are joined by ";"
        id_a,id_b,digit,color,...   a column for each factor: the correlation in [0, 1) that the
                                    two have in it; a missing one is 0

    "residual" names block 0.  Each factor is drawn equally often, then a pair that shares it.

    Args:
      table: path of the file, or a data frame.
      factors: names in the order of the layout's blocks; block k + 1 is factors[k].
      ids: n, where the table holds row numbers from 0 to n - 1, or the n ids of the examples.
      source: whole numbers or texts [n], the original that an example is a view of, and
      labels: mapping name -> [n, ...]: what the audit looks at, where they are known.
      elsewhere: ids of examples that are not drawn from here, such as those of another split:
        pairs with one of them are left out; how many of them have one member here, and are lost
        to both, is warned of.
      weights: mapping factor -> positive number, how often it is drawn relative to the others.
      seed: pairs are a pure function of (seed, step).

    Raises:
      InputError: unknown ids (how many join, the first three that do not), unknown factors, a
        correlation outside [0, 1), an example paired with itself (which pair), a factor without
        any pair.
    """

    def __init__(
        self,
        table: object,
        factors: Sequence[str],
        *,
        ids: object,
        source: object = None,
        labels: Mapping[str, object] | None = None,
        elsewhere: object = (),
        weights: Mapping[str, float] | None = None,
        seed: int = 0,
    ):
        self.factors = check_factors(factors)
        examples = id_texts(ids)
        self.examples = len(examples)
        self.source = check_source(source, self.examples)
        self.labels = check_labels(labels)[0] if mapping(labels, "labels") else {}
        self.seed = check_seed(seed)
        columns = read_table(table, "table", _MEMBERS)
        columns = _without(columns, id_texts(elsewhere, "elsewhere", fewest=0))
        if len(columns) == len(_MEMBERS) and len(self.factors) == 1:
            columns["factor"] = np.full(len(columns[_MEMBERS[0]]), self.factors[0])
        self._index_a, self._index_b = (
            join(examples, columns.pop(name), name) for name in _MEMBERS
        )
        _refuse("an example paired with itself", self._index_a == self._index_b)
        names = ("residual", *self.factors)
        self._shared = _shared(columns, names)
        self.blocks = (self._shared > 0).any(axis=0)
        _refuse("a pair that shares nothing", ~(self._shared > 0).any(axis=1))
        self._list_by_factor(names, weights)

    def __len__(self) -> int:
        return len(self._index_a)

    def draw(self, count: int, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pairs of one step.

        Returns:
          index_a int64 [count], index_b int64 [count], shared [count, K + 1], bool or float32 as
          the table has it.
        """
        random = generator(self.seed, step, Stream.PAIRS)
        factor = draw_by_weight(random, count, self._cumulative)
        pair = self._pairs[self._first[factor] + random.integers(self._count[factor])]
        return self._index_a[pair], self._index_b[pair], self._shared[pair]

    def _list_by_factor(self, names, weights):
        lists = [np.flatnonzero(self._shared[:, block] > 0) for block in range(len(names))]
        for name, pairs in zip(names[1:], lists[1:], strict=True):
            if len(pairs) == 0:
                raise InputError(
                    f"factors: no pair of the table shares {name!r}; add pairs or leave it out"
                )
        kinds = [name for name, pairs in zip(names, lists, strict=True) if len(pairs)]
        self._cumulative = cumulative_weights(weights, kinds)
        lists = [pairs for pairs in lists if len(pairs)]
        self._pairs = np.concatenate(lists)
        self._count = np.array([len(pairs) for pairs in lists])
        self._first = np.cumsum(self._count) - self._count


def _without(columns, ids):
    """The rows of a table of pairs in which none of `ids` takes part."""
    there_a, there_b = (np.isin(columns[name], ids) for name in _MEMBERS)
    kept, torn = ~(there_a | there_b), np.sum(there_a != there_b)
    if not kept.any():
        raise InputError(
            "table: each pair of it has a member elsewhere; add pairs, or let both be in one split"
        )
    if torn:
        warnings.warn(
            f"table: {torn} of {len(kept)} pairs have their members in two splits, and are left "
            "out; a column source, or split, keeps them together",
            stacklevel=4,
        )
    return {name: cells[kept] for name, cells in columns.items()}


def _shared(columns, names):
    """What each pair shares, bool or float32 [pairs, K + 1], from the columns beside the ids."""
    if "factor" in columns:
        cells = [[name.strip() for name in str(cell).split(";")] for cell in columns.pop("factor")]
        if columns:
            raise InputError(
                f"table: columns {list(columns)} beside 'factor'; give one or the other"
            )
        _refuse(f"a factor not among {list(names)}", [bool(set(c) - set(names)) for c in cells])
        return np.array([[name in cell for name in names] for cell in cells])
    unknown = [name for name in columns if name not in names]
    if unknown or not columns:
        raise InputError(
            f"table: columns {unknown} beside id_a and id_b; give 'factor', or some of "
            f"{list(names)}, to say what each pair shares"
        )
    shared = np.zeros((len(next(iter(columns.values()))), len(names)), dtype=np.float32)
    for name, values in columns.items():
        shared[:, names.index(name)] = _correlations(name, values)
    return shared


def _correlations(name, values):
    if values.dtype.kind not in "iuf" or values.ndim > 1:
        raise InputError(f"table: column {name!r} holds other things than numbers; give [0, 1)")
    numbers = np.where(is_missing(values), 0, values).astype(np.float32)
    _refuse(f"a correlation outside [0, 1) for {name!r}", ~((numbers >= 0) & (numbers < 1)))
    return numbers


def _refuse(what, wrong):
    if np.any(wrong):
        first = int(np.argmax(wrong)) + 1
        raise InputError(
            f"table: {what} in {np.sum(wrong)} pairs, first pair {first} of it; mend them"
        )
