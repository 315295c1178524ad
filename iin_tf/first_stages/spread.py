"""When a spread is no spread: NumPy alone, for configs ask about noise before TensorFlow starts."""

import numpy as np

# A spread below the rounding of float32 is none.
_ROUNDING = 1e-6


def rounded_to_one_value(z: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Which dimensions of `z` [n, M] with deviations `spread` [M] vary by rounding only, bool."""
    return spread <= _ROUNDING * np.abs(z).max(axis=0)
