"""Partners with near labels from other sources, found once so that drawing one is a look-up."""

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from iin_tf.data.pairs.label_kernel import SquaredExponential

# Targets that are looked up for one division of the sources into halves.
_PER_DIVISION = 4


def near_partners(
    values: np.ndarray,
    kernel: "SquaredExponential",
    source: np.ndarray,
    count: int,
    random: np.random.Generator,
) -> np.ndarray:
    """For each example, `count` examples of other sources whose labels lie about l away.

    Around each label random targets are drawn, at distances as |N(0, l^2)| in a uniform direction,
    and each is answered by the example with the nearest label (ties: at random).  The sources are
    divided at random into halves that answer each other, so no example meets its own source.

    Args:
      values: float64 [n, channels], without missing entries.
      kernel: `SquaredExponential`, whose length scale l is.
      source: int [n], at least two different ones.
      count: partners for each example.
      random: NumPy generator.

    Returns:
      int32 [n, count], rows of `values`.
    """
    partners = np.empty((len(values), count), dtype=np.int32)
    sources, source = np.unique(source, return_inverse=True)
    sites, site = np.unique(values, axis=0, return_inverse=True)
    # Neighbours in the order of their sites: the tree walks memory that it has just read.
    order = np.argsort(site.reshape(-1), kind="stable")
    site, source, points = site.reshape(-1)[order], source[order], kernel.embed(sites)
    for first in range(0, count, _PER_DIVISION):
        columns = range(first, min(first + _PER_DIVISION, count))
        left = (random.permutation(len(sources)) < len(sources) // 2)[source]
        for asking in (left, ~left):
            askers, answering = np.flatnonzero(asking), np.flatnonzero(~asking)
            starts = np.flatnonzero(np.diff(site[answering], prepend=-1))
            sizes = np.diff(starts, append=len(answering))
            tree = cKDTree(points[site[answering[starts]]], balanced_tree=False)
            for column in columns:
                targets = _displaced(sites[site[askers]], kernel.length_scale, random)
                near = tree.query(kernel.embed(targets))[1]
                member = starts[near] + random.integers(sizes[near])
                partners[order[askers], column] = order[answering[member]]
    return partners


def _displaced(values, length_scale, random):
    direction = random.standard_normal(values.shape)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    distance = np.abs(random.standard_normal((len(values), 1)))
    return values + np.asarray(length_scale) * distance * direction
