"""Equal-width bins."""

import numpy as np
from numpy.typing import ArrayLike

from iin_tf.measures.sample import Factor


def equal_width(values: ArrayLike, bins: int) -> np.ndarray:
    """Index of each value's bin among `bins` of equal width from smallest to largest.

    Args:
      values: [n, N] (each column has its own bins) or [n].
      bins: number of bins.

    Returns:
      int64 of the same shape, 0 to bins - 1; a constant column is all in bin 0.
    """
    values = np.asarray(values, np.float64)
    low, high = values.min(axis=0), values.max(axis=0)
    width = np.where(high > low, high - low, 1.0)
    index = np.floor((values - low) / width * bins)
    return np.clip(index, 0, bins - 1).astype(np.int64)


def discrete_levels(factor: Factor, bins: int) -> tuple[np.ndarray, int]:
    """(levels [n], count) of a factor; a continuous one goes into equal-width bins."""
    if factor.continuous:
        return equal_width(factor.numbers, bins), bins
    return factor.levels, factor.count
