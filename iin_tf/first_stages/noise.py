"""Noise for deterministic representations."""

import numpy as np


def representation_noise(mean, noise=0.05):
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
      ValueError: `noise` is not positive, `mean` is not finite, or a dimension is constant.
    """
    mean = np.asarray(mean)
    if not noise > 0:
        raise ValueError(f"noise is {noise}; give a positive fraction of the spread, such as 0.05")
    if mean.ndim != 2 or len(mean) < 2:
        raise ValueError(f"mean has shape {list(mean.shape)}; give [n, N] with n of 2 or more")
    if not np.isfinite(mean).all():
        row = np.flatnonzero(~np.isfinite(mean).all(axis=1))[0]
        raise ValueError(f"mean is not finite in row {row}; leave such examples out")
    spread = mean.std(axis=0, dtype=np.float64)
    # A spread below the rounding of float32 is a constant too.
    constant = np.flatnonzero(spread <= 1e-6 * np.abs(mean).max(axis=0))
    if len(constant):
        raise ValueError(
            f"mean is constant in dimension {constant[0]} ({len(constant)} of {mean.shape[1]} "
            "dimensions are); drop these dimensions, they carry nothing"
        )
    return (2 * np.log(noise * spread)).astype(np.float32)
