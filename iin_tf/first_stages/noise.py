"""Noise for deterministic representations."""

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.choices import NOISE_KINDS
from iin_tf.first_stages.spread import rounded_to_one_value


def representation_noise(
    mean: np.ndarray, noise: float = 0.05, kind: str = "proportional"
) -> np.ndarray:
    """Log-variance of the Gaussian noise that makes a deterministic representation a density.

    log_variance_i = 2 ln(noise * std_i), std_i the spread of dimension i over the examples, or,
    where it is isotropic, the root of the mean of their squares for every i.
    Without it, a flow may put all of its volume on the points, and its likelihood has no bound.
    In proportion to the spread, every dimension loses the same ln(1 / noise) nats of detail,
    whatever its unit.  Isotropic noise suits dimensions of one unit, such as those of an
    embedding: it hides the directions of little variance, along which a flow would otherwise
    find all that it was to keep out of a block.

    Args:
      mean: [n, N], representations of many examples.
      noise: standard deviation of the noise, as a fraction of each dimension's own, or of their
        root mean square.
      kind: "proportional", or "isotropic": of one size in all directions.

    Returns:
      float32 [N].

    Raises:
      InputError: `noise` is not positive, `mean` is not finite, or a dimension is constant.
    """
    mean = checks.real_array(mean, "mean")
    noise = checks.number(noise, "noise", above=0)
    checks.choice(kind, "kind", NOISE_KINDS)
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
    if kind == "isotropic":
        spread = np.full_like(spread, np.sqrt(np.mean(np.square(spread))))
    return (2 * np.log(noise * spread)).astype(np.float32)
