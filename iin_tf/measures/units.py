"""How far units, codes or blocks, lie from a point, in ways that rotations do not change."""

import numpy as np

# A column that varies by less, relative to its largest number, is constant but for rounding.
ROUNDING = 1e-13


def deviations(
    codes: np.ndarray, units: list[np.ndarray], centre: np.ndarray | float
) -> np.ndarray:
    """Distance of each unit from its centre: |.| of a code, Euclidean of a block.

    Args:
      codes: [n, N].
      units: column indices of the U units.
      centre: [N], or one number.

    Returns:
      [n, U].
    """
    squared = np.square(codes - centre)
    return np.sqrt(np.stack([squared[:, unit].sum(axis=1) for unit in units], axis=1))


def quantile_of(distances: np.ndarray, share: float) -> np.ndarray:
    """The distance [U] that this share of the rows of `distances` [n, U] keeps."""
    return np.quantile(distances, share, axis=0)
