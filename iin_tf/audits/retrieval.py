"""Retrieval by block: what the nearest neighbours in one block only have in common."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike
from sklearn.neighbors import NearestNeighbors

from iin_tf import checks
from iin_tf.audits.inputs import (
    Label,
    check_callable,
    check_resampling,
    code_rows,
    known_together,
    name_of,
    read_labels,
    source_codes,
)
from iin_tf.audits.retrieval_result import Retrieval
from iin_tf.checks import InputError
from iin_tf.factors import FactorLayout
from iin_tf.measures.blocks import resolve_blocks
from iin_tf.statistics import Bootstrap, interval, means, resampled


def exact_neighbors(codes: np.ndarray, queries: np.ndarray, count: int) -> np.ndarray:
    """Rows of the `count` nearest codes [n, D] of each query [q, D], nearest first: int [q, count].

    Exact, by scikit-learn; `index_neighbors` is the approximate search for millions of rows.
    """
    return NearestNeighbors(n_neighbors=count).fit(codes).kneighbors(queries, return_distance=False)


def retrieval_by_block(
    codes: ArrayLike,
    labels: Mapping[str, ArrayLike],
    blocks: FactorLayout | Mapping[str, slice | ArrayLike],
    k: int = 10,
    source: ArrayLike | None = None,
    queries: int = 1000,
    seed: int = 0,
    *,
    search: Callable[[np.ndarray, np.ndarray, int], np.ndarray] = exact_neighbors,
    metric: str = "euclidean",
    correlation: ArrayLike | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> Retrieval:
    """Agreement of each query's k nearest neighbours, by one block only, in each factor.

    Distances are Euclidean in z_tilde, where a block is standard normal, or, with
    `metric="same"`, the nearest is the one that likeliest shares the block: the ranking by
    `network.same` (of a query a that by the distance from a / rho).  Neighbours in the block
    of a factor should agree in that factor, and in every other as often as chance.  A query never
    finds itself nor another view of its source.  Chance is the mean agreement of each query with
    all rows that it could have found.  Intervals resample the queries' sources.

    Rows whose label of a factor is unknown (-1, "" or NaN) are left out for that factor, as queries
    and as neighbours: its scores are those of the known rows alone.

    Args:
      codes: float [n, N], z_tilde of the examples.
      labels: mapping factor -> whole numbers or texts [n] (categorical: precision at k), or
        floats [n] or [n, c] (continuous: mean absolute difference).
      blocks: FactorLayout, or a mapping from a name to a slice or columns.
      k: neighbours of each query.
      source: whole numbers or texts [n], the original behind each row; None where every row is
        an original.
      queries: number of rows that are looked up, at most; drawn at random.
      seed: whole number.
      search: function of (codes [n, D], queries [q, D], count) -> rows [q, count], nearest
        first: `exact_neighbors`, `index_neighbors` or another.
      metric: "euclidean" or "same".
      correlation: float [B], rho of each block, for "same": `network.correlation`.
      resamples: bootstrap draws.
      level: coverage of the intervals.

    Returns:
      `Retrieval`.

    Raises:
      InputError: codes that are not finite or not covered by the blocks, labels of another
        length or infinite, k too large, or a search that finds too few rows.
    """
    codes = code_rows(codes)
    blocks = resolve_blocks(blocks, codes.shape[1])
    labels = read_labels(labels, len(codes))
    source = source_codes(source, len(codes))
    checks.whole(k, "k", 1, len(codes))
    checks.whole(queries, "queries", 1)
    check_resampling(seed, resamples, level)
    check_callable(search, "search")
    scale = _query_scale(metric, correlation, list(blocks))
    protocol = {
        "k": k,
        "queries": min(queries, len(codes)),
        "rows": len(codes),
        "seed": seed,
        "resamples": resamples,
        "level": level,
        "search": name_of(search),
        "metric": metric,
        "resampled": "sources of the queries",
        "interval": "percentile",
    }
    groups = known_together(labels)
    for rows, together in groups:
        _check_enough(k, source[rows], together)
    found: dict[str, tuple] = {}
    for rows, together in groups:
        known = [label.at(rows) for label in together]
        found |= _of_known(
            _taken(codes, rows), known, blocks, scale, source[rows], search, protocol
        )
    scores, intervals, chance = zip(*(found[label.name] for label in labels), strict=True)
    return Retrieval(
        blocks=tuple(blocks),
        factors=tuple(label.name for label in labels),
        score=np.stack(scores, axis=1),
        interval=np.stack(intervals, axis=1),
        chance=np.array(chance),
        kind=tuple("difference" if label.continuous else "precision" for label in labels),
        known=tuple(int(label.known.sum()) for label in labels),
        protocol=protocol,
    )


def _query_scale(metric: str, correlation: ArrayLike | None, blocks: list) -> np.ndarray:
    """What queries are multiplied by in each block, [B].

    rho a.b - rho^2 |b|^2 / 2, the part of `network.same` that depends on b, falls with the
    distance of b from a / rho.
    """
    checks.choice(metric, "metric", ("euclidean", "same"))
    if metric == "euclidean":
        if correlation is not None:
            raise InputError('correlation is given, but metric is "euclidean"; give metric="same"')
        return np.ones(len(blocks))
    if correlation is None:
        raise InputError('metric is "same", but correlation is None; give network.correlation')
    rho = checks.real_array(correlation, "correlation")
    if rho.shape != (len(blocks),) or not ((rho > 0) & (rho < 1)).all():
        raise InputError(
            f"correlation is {checks.shown(correlation)}; give a number in (0, 1) for each of "
            f"{blocks}"
        )
    return 1 / rho.astype(np.float64)


def _taken(codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """`codes[rows]`, without a copy where these are all."""
    return codes if len(rows) == len(codes) else codes[rows]


def _check_enough(k: int, source: np.ndarray, labels: list[Label]) -> None:
    others = len(source) - np.bincount(source).max()
    if k > others:
        known = "" if labels[0].known.all() else f" whose {labels[0].name!r} is known"
        raise InputError(f"k={k}, but a query may find only {others} rows{known}: give fewer")


def _of_known(
    codes: np.ndarray,
    labels: list[Label],
    blocks: dict,
    scale: np.ndarray,
    source: np.ndarray,
    search: Callable,
    protocol: dict,
) -> dict:
    """Scores [B], intervals [B, 2] and chance of each factor whose labels are known in all rows."""
    random = np.random.default_rng(protocol["seed"])
    chosen = random.permutation(len(codes))[: protocol["queries"]]
    views = int(np.bincount(source).max())
    scores = np.zeros((len(labels), len(blocks), len(chosen)))
    for b, columns in enumerate(blocks.values()):
        part = codes[:, columns].astype(np.float64)
        # Itself and other views of it are found too, and then left out.
        rows = search(part, part[chosen] * scale[b], protocol["k"] + views)
        near = _of_other_sources(rows, source, chosen, protocol["k"])
        for f, label in enumerate(labels):
            values = label.values
            scores[f, b] = _agreement(values[near], values[chosen, None]).mean(axis=1)
    plan = Bootstrap(len(chosen), protocol["resamples"], random, source[chosen])
    drawn = resampled(means(np.moveaxis(scores, -1, 0)), plan)
    ends = np.stack(interval(drawn[0], drawn[1:], "percentile", protocol["level"]), axis=-1)
    return {
        label.name: (drawn[0, f], ends[f], _chance(label.values, source, chosen))
        for f, label in enumerate(labels)
    }


def _of_other_sources(
    rows: ArrayLike, source: np.ndarray, chosen: np.ndarray, k: int
) -> np.ndarray:
    """The first k found rows [q, k] that are no view of the query."""
    rows = np.asarray(rows)
    if rows.ndim != 2 or len(rows) != len(chosen) or rows.dtype.kind not in "iu":
        raise InputError(
            f"search returned shape {rows.shape} and dtype {rows.dtype} for {len(chosen)} queries; "
            "give whole numbers [q, count], the rows of the neighbours"
        )
    if rows.size and rows.max() >= len(source):
        raise InputError(f"search returned row {rows.max()} of {len(source)}; give rows of codes")
    # An index marks what it did not find by -1.
    usable = (rows >= 0) & (source[rows] != source[chosen][:, None])
    if usable.sum(axis=1).min() < k:
        raise InputError(
            f"search found fewer than {k} rows of other sources for a query; search more widely"
        )
    first = np.argsort(~usable, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(rows, first, axis=1)


def _agreement(values: np.ndarray, of_query: np.ndarray) -> np.ndarray:
    """Equality of numbers, or mean absolute difference of rows of floats."""
    if values.dtype.kind == "f":
        return np.abs(values - of_query).mean(axis=-1)
    return (values == of_query).astype(np.float64)


def _chance(values: np.ndarray, source: np.ndarray, chosen: np.ndarray) -> float:
    found = [_agreement(values, values[row])[source != source[row]].mean() for row in chosen]
    return float(np.mean(found))
