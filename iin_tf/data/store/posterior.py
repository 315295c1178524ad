"""Posterior samples as a pure function of seed and step, for every kind of store."""

import numpy as np

from iin_tf.data.stateless import Stream, check_seed, generator


def posterior_sample(mean: np.ndarray, deviation: np.ndarray, seed: int, step: int) -> np.ndarray:
    """Mean + deviation * eps, eps a pure function of (seed, step).

    Args:
      mean: float32 [B, N].
      deviation: float32 [B, N], or [N] for all rows.
      seed: whole number.
      step: whole number.

    Returns:
      float32 [B, N].
    """
    random = generator(check_seed(seed), check_seed(step, "step"), Stream.NOISE)
    return mean + deviation * random.standard_normal(mean.shape, dtype=np.float32)
