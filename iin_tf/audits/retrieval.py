"""Retrieval by block: what the nearest neighbours in one block only have in common."""

import dataclasses

import numpy as np
from sklearn.neighbors import NearestNeighbors

from iin_tf import checks
from iin_tf.measures.blocks import resolve_blocks
from iin_tf.measures.sample import check_codes
from iin_tf.results.markdown import markdown
from iin_tf.statistics.intervals import bootstrap_weights


@dataclasses.dataclass(frozen=True)
class Retrieval:
    """How well neighbours in each block agree in each factor; see `retrieval_by_block`.

    Attributes:
      blocks: names of the B blocks.
      factors: names of the K factors.
      score: [B, K]: precision at k of a categorical factor, mean absolute difference of a
        continuous one.
      interval: [B, K, 2], its low and high end.
      chance: [K], the score of other examples at random.
      kind: [K], "precision" (higher is closer) or "difference" (lower is closer).
      protocol: k, queries, seed, resamples, level, the search.
    """

    blocks: tuple
    factors: tuple
    score: np.ndarray
    interval: np.ndarray
    chance: np.ndarray
    kind: tuple
    protocol: dict

    def as_table(self):
        """Markdown: a row for each block, the last one for chance; a column for each factor."""
        titles = [f"{name} ({kind})" for name, kind in zip(self.factors, self.kind, strict=True)]
        rows = []
        for block, scores, intervals in zip(self.blocks, self.score, self.interval, strict=True):
            ends = zip(scores, intervals, strict=True)
            rows.append([block, *(f"{s:.3f} ({low:.3f} to {high:.3f})" for s, (low, high) in ends)])
        rows.append(["chance", *(f"{value:.3f}" for value in self.chance)])
        return markdown(["neighbours in", *titles], rows)


def exact_neighbors(codes, queries, count):
    """Rows of the `count` nearest codes [n, D] of each query [q, D], nearest first: int [q, count].

    Exact, by scikit-learn; `index_neighbors` is the approximate search for millions of rows.
    """
    return NearestNeighbors(n_neighbors=count).fit(codes).kneighbors(queries, return_distance=False)


def retrieval_by_block(
    codes,
    labels,
    blocks,
    k=10,
    source=None,
    queries=1000,
    seed=0,
    *,
    search=exact_neighbors,
    resamples=1000,
    level=0.95,
):
    """Agreement of each query's k nearest neighbours, by one block only, in each factor.

    Distances are Euclidean in z_tilde, where a block is standard normal.  Neighbours in the block
    of a factor should agree in that factor, and in every other as often as chance.  A query never
    finds itself nor another view of its source.  Chance is the mean agreement of each query with
    all rows that it could have found.  Intervals resample the queries' sources.

    Args:
      codes: float [n, N], z_tilde of the examples.
      labels: mapping factor -> whole numbers or texts [n] (categorical: precision at k), or
        floats [n] or [n, c] (continuous: mean absolute difference).
      blocks: FactorLayout, or a mapping from a name to a slice or columns.
      k: neighbours of each query.
      source: int [n], the original behind each row; None where every row is an original.
      queries: number of rows that are looked up, at most; drawn at random.
      seed: whole number.
      search: function of (codes [n, D], queries [q, D], count) -> rows [q, count], nearest
        first: `exact_neighbors`, `index_neighbors` or another.
      resamples: bootstrap draws.
      level: coverage of the intervals.

    Returns:
      `Retrieval`.

    Raises:
      ValueError: codes that are not finite or not covered by the blocks, labels of another
        length or not finite, k too large, or a search that finds too few rows.
    """
    codes = check_codes(codes)
    blocks = resolve_blocks(blocks, codes.shape[1])
    if not labels:
        raise ValueError("labels is empty; give a mapping from a factor to its values")
    labels = {name: _labels(name, values, len(codes)) for name, values in labels.items()}
    source = _sources(source, len(codes))
    views = np.bincount(source).max()
    for name, value, least in (("k", k, 1), ("queries", queries, 1), ("resamples", resamples, 20)):
        checks.whole(value, name, least)
    checks.fraction(level, "level")
    if k > len(codes) - views:
        raise ValueError(f"k={k}, but a query may find only {len(codes) - views} rows: give fewer")
    random = np.random.default_rng(seed)
    chosen = random.permutation(len(codes))[:queries]
    scores = np.zeros((len(blocks), len(labels), len(chosen)))
    for b, columns in enumerate(blocks.values()):
        part = codes[:, columns]
        # Itself and other views of it are found too, and then left out.
        rows = np.asarray(search(part, part[chosen], k + int(views)))
        near = _of_other_sources(rows, source, chosen, k)
        for f, values in enumerate(labels.values()):
            scores[b, f] = _agreement(values[near], values[chosen, None]).mean(axis=1)
    chance = [_chance(values, source, chosen) for values in labels.values()]
    ends = _interval(scores, source[chosen], resamples, level, random)
    return Retrieval(
        blocks=tuple(blocks),
        factors=tuple(labels),
        score=scores.mean(axis=-1),
        interval=ends,
        chance=np.array(chance),
        kind=tuple("difference" if v.ndim == 2 else "precision" for v in labels.values()),
        protocol={
            "k": k,
            "queries": len(chosen),
            "rows": len(codes),
            "seed": seed,
            "resamples": resamples,
            "level": level,
            "search": search.__name__,
            "interval": "resampled sources of the queries",
        },
    )


def _labels(name, values, count):
    """Categorical labels as whole numbers [n], continuous ones as floats [n, c]."""
    values = np.asarray(values)
    if values.ndim == 0 or len(values) != count:
        raise ValueError(f"labels[{name!r}] has shape {values.shape}; give one for each of {count}")
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise ValueError(f"labels[{name!r}] is not finite; leave such rows out")
        return values.reshape(count, -1)
    if values.ndim != 1 or values.dtype.kind not in "iubUS":
        raise ValueError(
            f"labels[{name!r}] has shape {values.shape} and dtype {values.dtype}; give whole "
            "numbers or texts [n], or floats [n] or [n, c]"
        )
    return np.unique(values, return_inverse=True)[1]


def _sources(source, count):
    if source is None:
        return np.arange(count)
    source = np.asarray(source)
    if source.shape != (count,):
        raise ValueError(f"source has shape {source.shape}; give [{count}], one for each row")
    return np.unique(source, return_inverse=True)[1]


def _of_other_sources(rows, source, chosen, k):
    """The first k found rows [q, k] that are no view of the query."""
    # An index marks what it did not find by -1.
    usable = (rows >= 0) & (source[rows] != source[chosen][:, None])
    if rows.ndim != 2 or usable.sum(axis=1).min() < k:
        raise ValueError(
            f"search found fewer than {k} rows of other sources for a query; search more widely"
        )
    first = np.argsort(~usable, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(rows, first, axis=1)


def _agreement(values, of_query):
    """Equality of numbers, or mean absolute difference of rows of floats."""
    if values.dtype.kind == "f":
        return np.abs(values - of_query).mean(axis=-1)
    return (values == of_query).astype(np.float64)


def _chance(values, source, chosen):
    found = [_agreement(values, values[row])[source != source[row]].mean() for row in chosen]
    return float(np.mean(found))


def _interval(scores, source, resamples, level, random):
    """Low and high end of mean scores [..., 2] over resampled sources."""
    source = np.unique(source, return_inverse=True)[1]
    weights = bootstrap_weights(source.max() + 1, resamples, random)[:, source]
    means = scores @ weights.T / weights.sum(axis=1)
    return np.moveaxis(np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=-1), 0, -1)
