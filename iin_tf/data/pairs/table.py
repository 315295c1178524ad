"""Pairs that somebody wrote down: a concept sketched by hand."""

import itertools

import numpy as np

from iin_tf.data.csv_table import id_list, read_csv, rows_of
from iin_tf.data.labels import check_factors, check_labels, check_source, cumulative_weights
from iin_tf.data.stateless import Stream, check_seed, draw_by_weight, generator


class PairTable:
    """Pairs from a CSV file whose header is one of

        id_a,id_b,factor            the factor that the two share; several are joined by ";"
        id_a,id_b,digit,color,...   a column for each factor: the correlation in [0, 1) that the
                                    two have in it; an empty cell is 0

    "residual" names block 0.  Each factor is drawn equally often, then a pair that shares it.

    Args:
        path: of the file.
        factors: names in the order of the layout's blocks; block k + 1 is factors[k].
        ids: n, where the file holds row numbers from 0 to n - 1, or the n ids of the examples.
        source: int [n] and
        labels: mapping name -> [n, ...]: what the audit looks at, where they are known.
        weights: mapping factor -> positive number, how often it is drawn relative to the others.
        elsewhere: ids of examples that are not drawn from here, such as those of another split:
            pairs with one of them are left out.
        seed: pairs are a pure function of (seed, step).
    Errors: ValueError for unknown ids (how many, the first three), unknown factors, a correlation
        outside [0, 1), an example paired with itself (the line), and a factor without any pair.
    """

    def __init__(
        self,
        path,
        factors,
        ids,
        source=None,
        labels=None,
        weights=None,
        seed=0,
        *,
        elsewhere=(),
    ):
        self.factors = check_factors(factors)
        self.examples = len(id_list(ids))
        self.source = check_source(source, self.examples)
        self.labels = check_labels(labels)[0] if labels else {}
        self.seed = check_seed(seed)
        columns = read_csv(path)
        for name in ("id_a", "id_b"):
            if name not in columns:
                raise ValueError(f"path: no column {name!r} among {list(columns)}")
        columns = _without(columns, {str(value) for value in elsewhere})
        self._index_a = rows_of(ids, columns.pop("id_a"), "column 'id_a'")
        self._index_b = rows_of(ids, columns.pop("id_b"), "column 'id_b'")
        _refuse("an example paired with itself", self._index_a == self._index_b)
        names = ("residual", *self.factors)
        self._shared = _shared(columns, names)
        self.blocks = (self._shared > 0).any(axis=0)
        _refuse("a pair that shares nothing", ~(self._shared > 0).any(axis=1))
        self._list_by_factor(names, weights)

    def __len__(self):
        return len(self._index_a)

    def draw(self, count, step):
        """The pairs of one step.

        Returns: index_a int64 [count], index_b int64 [count], shared [count, K + 1], bool or
            float32 as the file has it.
        """
        random = generator(self.seed, step, Stream.PAIRS)
        factor = draw_by_weight(random, count, self._cumulative)
        pair = self._pairs[self._first[factor] + random.integers(self._count[factor])]
        return self._index_a[pair], self._index_b[pair], self._shared[pair]

    def _list_by_factor(self, names, weights):
        lists = [np.flatnonzero(self._shared[:, block] > 0) for block in range(len(names))]
        for name, pairs in zip(names[1:], lists[1:], strict=True):
            if len(pairs) == 0:
                raise ValueError(
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
    pairs = zip(columns["id_a"], columns["id_b"], strict=True)
    kept = [a not in ids and b not in ids for a, b in pairs]
    if not any(kept):
        raise ValueError("path: each pair of the table has a member elsewhere; add pairs")
    return {name: list(itertools.compress(cells, kept)) for name, cells in columns.items()}


def _shared(columns, names):
    if "factor" in columns:
        cells = [[name.strip() for name in cell.split(";")] for cell in columns.pop("factor")]
        if columns:
            raise ValueError(
                f"path: columns {list(columns)} beside 'factor'; give one or the other"
            )
        _refuse(f"a factor not among {list(names)}", [bool(set(c) - set(names)) for c in cells])
        return np.array([[name in cell for name in names] for cell in cells])
    unknown = [name for name in columns if name not in names]
    if unknown or not columns:
        raise ValueError(
            f"path: columns {unknown} beside id_a and id_b; give 'factor' or some of {list(names)}"
        )
    shared = np.zeros((len(next(iter(columns.values()))), len(names)), dtype=np.float32)
    for name, cells in columns.items():
        values = np.array([_number(cell) for cell in cells], dtype=np.float32)
        _refuse(f"a correlation outside [0, 1) for {name!r}", ~((values >= 0) & (values < 1)))
        shared[:, names.index(name)] = values
    return shared


def _number(cell):
    try:
        return float(cell or 0)
    except ValueError:
        return np.nan


def _refuse(what, wrong):
    if np.any(wrong):
        first = int(np.argmax(wrong)) + 1
        raise ValueError(f"path: {what} in {np.sum(wrong)} pairs, first pair {first} of the table")
