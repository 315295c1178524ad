"""Retrieval by block in one experiment: figures, and a few neighbours to look at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from iin_tf.audits.retrieval import exact_neighbors, retrieval_by_block
from iin_tf.checks import is_missing
from iin_tf.experiment.continuous import targets
from iin_tf.experiment.experiment import Experiment, are_images
from iin_tf.experiment.images import grey_levels
from iin_tf.experiment.one_view import one_view_each
from iin_tf.factors import FactorLayout
from iin_tf.reporting import figures, pictures
from iin_tf.reporting.tables import Table
from iin_tf.results import Results

# Neighbours of each query; rows at most, of which the queries are drawn.
_K, _MOST_ROWS = 10, 20_000
# What is shown: queries of each block, and neighbours of each.
_QUERIES, _SHOWN = 6, 5
_MOST_LETTERS = 120


def retrieval_metrics(experiment: Experiment, codes: np.ndarray, layout: FactorLayout) -> Results:
    """Agreement of nearest neighbours in each block, among the held-out examples.

    Args:
      experiment: Experiment.
      codes: float [n, N], z_tilde of the test examples in the order of their store.
      layout: of the network.

    Returns:
      `Results`, as `retrieval_by_block`, of the factors of which a query can find neighbours.
    """
    test = experiment.store("test")
    rows = np.random.default_rng(experiment.config.seed).permutation(len(test))[:_MOST_ROWS]
    source = test.source[rows]
    k = min(_K, _others(source))
    labels = {name: values[rows] for name, values in targets(experiment, test.labels).items()}
    # A label of a handful of rows says nothing of neighbours.
    labels = {
        name: values
        for name, values in labels.items()
        if _others(source[~is_missing(values)]) >= k > 0
    }
    if not labels:
        return Results()
    seed = experiment.config.seed
    found = retrieval_by_block(codes[rows], labels, layout, k=k, source=source, seed=seed)
    return found.results()


def _others(source: np.ndarray) -> int:
    """How many rows are no view of the original that has the most."""
    return len(source) - int(np.unique(source, return_counts=True)[1].max(initial=0))


def show_neighbors(
    experiment: Experiment, codes: np.ndarray, layout: FactorLayout, directory: Path
) -> dict[str, Table]:
    """The nearest neighbours of a few held-out examples in each block.

    Of images a picture each is written into `directory`; of anything else a table each is made, of
    texts, or of ids with labels.

    Args:
      experiment: Experiment.
      codes: as in `retrieval_metrics`.
      layout: of the network.
      directory: where pictures go to.

    Returns:
      Mapping block -> table; empty for images.
    """
    test = experiment.test_examples
    # One view of each original: another view of the query is no finding.
    rows = one_view_each(test, experiment.config.data.factors)
    rows = np.random.default_rng(experiment.config.seed).permutation(rows)
    rows = rows[:_MOST_ROWS]
    shown = min(_SHOWN, len(rows) - 1)
    tables = {}
    for block, columns in layout.slices.items():
        part = codes[rows][:, columns]
        near = rows[exact_neighbors(part, part[:_QUERIES], shown + 1)]
        # Of several at no distance the query need not be the first.
        near = np.stack([_first(row, others) for row, others in zip(rows, near, strict=False)])
        if are_images(test.x):
            picture = pictures.picture_of_block("neighbors", block)
            tiles = grey_levels(test.x[near.ravel()]) / 255
            tiles = tiles.reshape(*near.shape, *tiles.shape[1:])
            edge = {"column_label": "query, then its nearest neighbours"}
            figures.save_tiles(directory / picture.file, tiles, picture.title, **edge)
        else:
            tables[block] = _table(near, _names(experiment, test))
    return tables


def _first(row: int, others: np.ndarray) -> np.ndarray:
    return np.concatenate([[row], others[others != row][: len(others) - 1]])


def _table(near: np.ndarray, names: Any) -> Table:
    columns = ["example", *(f"neighbour {k}" for k in range(1, near.shape[1]))]
    return Table(columns, [], [("", [names(row) for row in rows]) for rows in near])


def _names(experiment: Experiment, test: Any) -> Any:
    """A function, row -> what the report calls the example."""
    if test.x.dtype.kind in "UO" and len(test.x.shape) == 1:
        return lambda row: _cut(str(test.x[row]))
    labels = {name: test.labels[name] for name in targets(experiment, test.labels)}
    return lambda row: _cut(f"{test.id[row]}{_told(labels, row)}")


def _told(labels: Mapping[str, np.ndarray], row: int) -> str:
    """The labels of one example, in brackets."""
    texts = []
    for name, values in labels.items():
        numbers = np.atleast_1d(values[row])
        texts.append(f"{name} " + "/".join(f"{v:.3g}" if v.dtype.kind == "f" else str(v)
                                           for v in numbers))  # fmt: skip
    return f" ({', '.join(texts)})" if texts else ""


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"
