"""Nearest neighbours among millions of rows, by an index of cells (faiss)."""

import numpy as np


def block_index(codes, cells=None):
    """An index of `codes` [n, D] for `neighbors_in`: k-means cells that hold their rows (IVF).

    Keep it with `faiss.write_index(index, path)`, read it with `faiss.read_index(path)`.

    Args:
      codes: float [n, D], one block of z_tilde.
      cells: number of cells, at most n; None for 4 sqrt(n), as faiss advises.

    Returns:
      `faiss.IndexIVFFlat`, float32, 4 D + 8 bytes a row.  Equal codes give equal indexes.

    Raises:
      ValueError: codes that are not rows of finite numbers, or cells out of range.
      ImportError: faiss is not installed.
    """
    faiss = _faiss()
    codes = _rows("codes", codes)
    cells = min(int(4 * np.sqrt(len(codes))), len(codes)) if cells is None else cells
    if not isinstance(cells, int | np.integer) or not 1 <= cells <= len(codes):
        raise ValueError(f"cells={cells!r}: give a whole number from 1 to {len(codes)}, the rows")
    width = codes.shape[1]
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(width), width, int(cells))
    # 64 rows a cell are enough for k-means; more than that are left out at random, of a fixed
    # seed.  Few rows a cell are no fault of a small set.
    index.cp.max_points_per_centroid, index.cp.min_points_per_centroid = 64, 1
    index.train(codes)
    index.add(codes)
    return index


def neighbors_in(index, queries, count, probes=None):
    """Rows of the `count` nearest in `index`, nearest first: int64 [q, count], -1 for none found.

    Args:
      index: of `block_index`.
      queries: float [q, D].
      count: neighbours of each query.
      probes: cells that are searched; None for a thirty-second of them, and at least 16.  All
        cells make the search exact.

    Raises:
      ValueError: queries that are not rows of D finite numbers.
    """
    queries = _rows("queries", queries)
    if queries.shape[1] != index.d:
        raise ValueError(f"queries has {queries.shape[1]} columns, but the index has {index.d}")
    index.nprobe = max(16, index.nlist // 32) if probes is None else probes
    return index.search(queries, count)[1]


def index_neighbors(codes, queries, count):
    """As `exact_neighbors`, by an index with the usual settings: fast, and nearly all found."""
    return neighbors_in(block_index(codes), queries, count)


def _rows(name, values):
    values = np.ascontiguousarray(values, np.float32)
    if values.ndim != 2 or 0 in values.shape or not np.isfinite(values).all():
        raise ValueError(f"{name} has shape {values.shape}; give finite numbers [n, D]")
    return values


def _faiss():
    try:
        import faiss
    except ImportError:
        raise ImportError("faiss is not installed; run: pip install 'iin_tf[index]'") from None
    return faiss
