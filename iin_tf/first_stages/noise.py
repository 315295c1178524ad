"""Noise for deterministic representations."""

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.constant import rounded_to_one_value


def representation_noise(mean: np.ndarray, noise: float = 0.05) -> np.ndarray:
    """Log-variance of the Gaussian noise that makes a deterministic representation a density.

    log_variance_i = 2 ln(noise * std_i), std_i the spread of dimension i over the examples.
    Without it, a flow may put all of its volume on the points, and its likelihood has no bound.
    In proportion to the spread, every dimension loses the same ln(1 / noise) nats of detail,
    whatever its unit.

    Args:
      mean: [n, N], representations of many examples.
      noise: standard deviation of the noise, as a fraction of each dimension's own.

    Returns:
      float32 [N].

    Raises:
      InputError: `noise` is not positive, `mean` is not finite, or a dimension is constant.
    """
    mean = checks.real_array(mean, "mean")
    noise = checks.number(noise, "noise", above=0)
    if mean.ndim != 2 or len(mean) < 2:
        raise InputError(f"mean has shape {mean.shape}; give [n, N] with n of 2 or more")
    checks.check_finite_rows(mean, "mean")
    spread = mean.std(axis=0, dtype=np.float64)
    constant = np.flatnonzero(rounded_to_one_value(mean, spread))
    if len(constant):
        raise InputError(
            f"mean: dimension {constant[0]} is constant ({mean[0, constant[0]]:g}; {len(constant)} "
            f"of {mean.shape[1]} dimensions are); leave such dimensions out: a first stage with "
            "drop='constant' does, or iin_tf.first_stages.ConstantDimensions"
        )
    return (2 * np.log(noise * spread)).astype(np.float32)
