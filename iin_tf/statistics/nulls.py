"""What a statistic is where there is nothing to find."""

import numpy as np


def p_value(value: np.ndarray, null: np.ndarray) -> np.ndarray:
    """Share of a null at least as large as the value, one-sided.

    (1 + more extreme) / (1 + draws): a permutation test cannot give zero.

    Args:
      value: [...].
      null: [R, ...], the statistic under permutations.

    Returns:
      [...].

    Source: Phipson & Smyth 2010; Ojala & Garriga 2010, "Permutation Tests for Studying
    Classifier Performance", section 2.
    """
    return (1 + (np.asarray(null) >= value).sum(axis=0)) / (1 + len(null))


def null_bound(null: np.ndarray, level: float = 0.95) -> np.ndarray:
    """What a statistic [...] stays below with probability `level` under its null [R, ...]."""
    return np.quantile(null, level, axis=0)
