"""Nearest neighbours among millions of rows, by an index of cells (faiss)."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.checks import InputError, MissingPackage

if TYPE_CHECKING:
    import faiss


def block_index(codes: ArrayLike, cells: int | None = None) -> "faiss.IndexIVFFlat":
    """An index of `codes` [n, D] for `neighbors_in`: k-means cells that hold their rows (IVF).

    Keep it with `faiss.write_index(index, path)`, read it with `faiss.read_index(path)`.

    Args:
      codes: float [n, D], one block of z_tilde.
      cells: number of cells, at most n; None for 4 sqrt(n), as faiss advises.

    Returns:
      `faiss.IndexIVFFlat`, float32, 4 D + 8 bytes a row.  Equal codes give equal indexes.

    Raises:
      InputError: codes that are not rows of finite numbers, or cells out of range.
      ImportError: faiss is not installed.
    """
    faiss = _faiss()
    codes = _rows("codes", codes)
    cells = min(int(4 * np.sqrt(len(codes))), len(codes)) if cells is None else cells
    cells = checks.whole(cells, "cells", 1, len(codes))
    width = codes.shape[1]
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(width), width, cells)
    # 64 rows a cell are enough for k-means; more than that are left out at random, of a fixed
    # seed.  Few rows a cell are no fault of a small set.
    index.cp.max_points_per_centroid, index.cp.min_points_per_centroid = 64, 1
    index.train(codes)
    index.add(codes)
    return index


def neighbors_in(
    index: "faiss.IndexIVFFlat", queries: ArrayLike, count: int, probes: int | None = None
) -> np.ndarray:
    """Rows of the `count` nearest in `index`, nearest first: int64 [q, count], -1 for none found.

    Args:
      index: of `block_index`.
      queries: float [q, D].
      count: neighbours of each query.
      probes: cells that are searched; None for a thirty-second of them, and at least 16.  All
        cells make the search exact.

    Returns:
      int64 [q, count].

    Raises:
      InputError: no index, queries that are not rows of D finite numbers, or a count or probes
        that are no whole numbers of at least 1.
    """
    if not all(hasattr(index, name) for name in ("d", "nlist", "ntotal", "search")):
        raise InputError(f"index is {checks.shown(index)}; give what block_index returned")
    queries = _rows("queries", queries)
    checks.whole(count, "count", 1, max(1, index.ntotal))
    if queries.shape[1] != index.d:
        raise InputError(
            f"queries has {queries.shape[1]} columns, but the index has {index.d}; give as many"
        )
    probes = max(16, index.nlist // 32) if probes is None else probes
    index.nprobe = min(checks.whole(probes, "probes", 1), index.nlist)
    return index.search(queries, count)[1]


def index_neighbors(codes: ArrayLike, queries: ArrayLike, count: int) -> np.ndarray:
    """As `exact_neighbors`, by an index with the usual settings: fast, and nearly all found.

    Args:
      codes: float [n, D].
      queries: float [q, D].
      count: neighbours of each query.

    Returns:
      int64 [q, count], nearest first, -1 for none found.

    Raises:
      InputError: as `block_index` and `neighbors_in`.
    """
    return neighbors_in(block_index(codes), queries, count)


def _rows(name: str, values: ArrayLike) -> np.ndarray:
    values = np.ascontiguousarray(checks.real_array(values, name), np.float32)
    if values.ndim != 2 or 0 in values.shape:
        raise InputError(f"{name} has shape {values.shape}; give finite numbers [n, D]")
    checks.check_finite_rows(values, name)
    return values


def _faiss():
    try:
        import faiss
    except ImportError:
        raise MissingPackage("faiss is not installed; run: pip install 'iin_tf[index]'") from None
    return faiss
