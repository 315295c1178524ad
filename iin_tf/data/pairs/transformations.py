"""Pairs from programs: an example and its transformed copy, no labels needed."""

import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from iin_tf.checks import InputError, shown, whole
from iin_tf.data.label_array import label_array
from iin_tf.data.labels import (
    check_factors,
    check_labels,
    check_source,
    cumulative_weights,
    mapping,
)
from iin_tf.data.stateless import MOST, Stream, check_seed, draw_by_weight, generator


def transformed_copies(
    examples: np.ndarray,
    transformations: Mapping[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]],
    copies: int = 1,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Examples with transformed copies of them, to be encoded together.

    Args:
      examples: [n, ...], what the first stage takes.
      transformations: mapping name -> function (examples, NumPy generator) -> [n, ...].
      copies: of each example by each transformation; more than one needs random ones.
      seed: of the generators.

    Returns:
      The examples followed by all copies [n (1 + T copies), ...]; source int64, the example each
      row was made from; transformation, text, its name, "" for the examples themselves.

    Raises:
      InputError: a transformation that changes the shape, or nothing.
    """
    examples, seed = np.asarray(examples), check_seed(seed)
    copies = whole(copies, "copies", least=1, most=MOST)
    if examples.ndim == 0 or len(examples) == 0:
        raise InputError(f"examples is {shown(examples)}; give at least one row")
    transformations = mapping(transformations, "transformations")
    for name, function in transformations.items():
        if not isinstance(name, str) or not name or not callable(function):
            raise InputError(
                f"transformations[{name!r}] is {shown(function)}; give a name and a function"
            )
    results, names = [examples], [""]
    for number, (name, function) in enumerate(transformations.items()):
        earlier = examples
        for copy in range(copies):
            random = generator(seed, number * copies + copy, Stream.TRANSFORMATIONS)
            result = np.asarray(function(examples.copy(), random))
            if result.shape != examples.shape:
                raise InputError(
                    f"transformations[{name!r}] turns shape {examples.shape} into {result.shape}; "
                    "keep the shape"
                )
            if np.array_equal(result, earlier):
                what = "makes equal copies; give copies=1" if copy else "changes nothing; omit it"
                raise InputError(f"transformations[{name!r}] {what}")
            results.append(result)
            names.append(name)
            earlier = result
    source = np.tile(np.arange(len(examples)), len(results))
    return np.concatenate(results), source, np.repeat(names, len(examples))


class TransformationPairs:
    """Pairs of two versions of one example: a copy, and the original or another copy.

    A transformation either `changes` some factors, and the pair shares all other blocks, the
    residual among them; or it `keeps` some, and the pair shares only these.  The likelihood takes
    what is changed as independent in the two members, so random transformations of wide range
    serve best; both members here have the same source, as the audit will say.

    Args:
      transformation: text [n], which one made the example, "" for an original.
      factors: names in the order of the layout's blocks; block k + 1 is factors[k].
      source: whole numbers or texts [n], the original that an example was made from.
      changes: mapping transformation -> the factor, or the factors, that it changes.
      keeps: mapping transformation -> the factor, or the factors, that it keeps; "residual" may
        be among them.
      labels: mapping name -> [n, ...] for the audit, where they are known.
      weights: mapping transformation -> positive number; by default equally often.
      seed: pairs are a pure function of (seed, step).

    Raises:
      InputError: unknown names, a transformation in both mappings or without copies, and one that
        changes no factor or keeps none.
    """

    def __init__(
        self,
        transformation: Sequence[str],
        factors: Sequence[str],
        *,
        source: object,
        changes: Mapping[str, str | Sequence[str]] | None = None,
        keeps: Mapping[str, str | Sequence[str]] | None = None,
        labels: Mapping[str, object] | None = None,
        weights: Mapping[str, float] | None = None,
        seed: int = 0,
    ):
        made_by = label_array(transformation, "transformation")
        if made_by.dtype.kind != "U" or made_by.ndim != 1:
            raise InputError(
                f"transformation has dtype {made_by.dtype}; give text, '' for an original"
            )
        self.examples = len(made_by)
        self.source = check_source(source, self.examples)
        self.labels = check_labels(labels)[0] if mapping(labels, "labels") else {}
        self.factors = check_factors(factors)
        self.seed = check_seed(seed)
        rows = self._shared_rows(mapping(changes, "changes"), mapping(keeps, "keeps"))
        self._shared = np.stack(list(rows.values()))
        self.blocks = self._shared.any(axis=0)
        self._cumulative = cumulative_weights(weights, tuple(rows))
        parts = []
        # No comprehension: before Python 3.12 it is a frame, and the warning counts frames.
        for name in rows:
            parts.append(_versions(made_by, self.source, name))
        self._join(parts)

    def draw(self, count: int, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pairs of one step.

        Returns:
          index_a int64 [count], index_b int64 [count], shared bool [count, K + 1].
        """
        random = generator(self.seed, step, Stream.PAIRS)
        kind = draw_by_weight(random, count, self._cumulative)
        row = self._first[kind] + random.integers(self._count[kind])
        index_a, own, start, size = self._table[row].T
        partner = start + random.integers(size - 1)
        partner += partner >= own
        return index_a, self._versions[partner], self._shared[kind]

    def _shared_rows(self, changes, keeps):
        """Transformation -> what its pairs share, bool [K + 1]."""
        if not changes and not keeps:
            raise InputError("changes and keeps are empty; say what each transformation does")
        names, rows = ("residual", *self.factors), {}
        for given, shares_named in ((changes, False), (keeps, True)):
            for name, blocks in given.items():
                if name in rows:
                    raise InputError(f"{name!r} is both in changes and keeps; decide for one")
                blocks = (blocks,) if isinstance(blocks, str) else blocks
                blocks = check_factors(blocks, names, "keeps" if shares_named else "changes")
                row = np.full(len(names), not shares_named)
                row[[names.index(block) for block in blocks]] = shares_named
                rows[name] = row
        return rows

    def _join(self, parts):
        """All transformations in one table, so that a draw needs no loop over them."""
        self._versions = np.concatenate([versions for versions, _ in parts])
        sizes = [len(versions) for versions, _ in parts]
        for (_, table), first in zip(parts, np.cumsum(sizes) - sizes, strict=True):
            table[:, [1, 2]] += first
        self._table = np.concatenate([table for _, table in parts])
        self._count = np.array([len(table) for _, table in parts])
        self._first = np.cumsum(self._count) - self._count


def _versions(transformation, source, name):
    """The originals and the copies that `name` made, sorted by source.

    Returns:
      int64 [versions], and for each copy that has another version beside it int64 [copies, 4]:
      its example, its position, and the start and size of its source's versions.
    """
    versions = np.flatnonzero((transformation == name) | (transformation == ""))
    versions = versions[np.argsort(source[versions], kind="stable")]
    starts = np.flatnonzero(np.diff(source[versions], prepend=source[versions[:1]] - 1))
    sizes = np.diff(starts, append=len(versions))
    start, size = np.repeat(starts, sizes), np.repeat(sizes, sizes)
    copies = np.flatnonzero(transformation[versions] == name)
    paired = copies[size[copies] > 1]
    if len(paired) == 0:
        raise InputError(
            f"transformation: {len(copies)} copies were made by {name!r}, and none has its "
            "original or another copy beside it; keep them together"
        )
    if len(paired) < len(copies):
        alone = source[versions[copies[size[copies] == 1]]]
        warnings.warn(
            f"{name!r}: {len(alone)} copies are left out, because nothing stands beside them "
            f"(first sources {alone[:3].tolist()})",
            stacklevel=3,
        )
    return versions, np.stack([versions[paired], paired, start[paired], size[paired]], axis=1)
