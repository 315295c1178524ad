"""A function of the representation, on rows of z_tilde: what responses and audits evaluate."""

import numpy as np

from iin_tf.checks import check_finite_rows, check_matrix

# Rows that are inverted and evaluated at once.
ROWS = 8192


def as_outputs(values, rows):
    """What a function gave for `rows` latents, as float64 [rows, O]; trailing axes are flattened.

    Raises:
      ValueError: not one entry for each latent, class numbers, or values that are not finite.
    """
    values = np.asarray(values)
    if values.ndim == 0 or len(values) != rows:
        raise ValueError(
            f"function returned shape {values.shape} for {rows} latents; give one row a latent"
        )
    if values.dtype.kind not in "fb":
        raise ValueError(
            f"function returned {values.dtype}, as class numbers are, whose distances mean "
            "nothing; return floats (logits, probabilities) or bools"
        )
    values = values.reshape(rows, -1).astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError("function returned values that are not finite; mend the function")
    return values


def outputs_at(network, function, z_tilde):
    """`function(T^-1(z_tilde))` as float64 [B, O], B at most `ROWS`: one compiled inversion."""
    return as_outputs(function(network.invert(z_tilde).numpy()), len(z_tilde))


def held_rows(network, z, least=2):
    """z_tilde of the held examples `z` [n, N], as an array.

    Raises:
      ValueError: fewer rows than `least`, not N columns, or a row that is not finite.
    """
    z = np.asarray(z)
    check_matrix(z, "z")
    network.layout.check_latents(z, "z")
    check_finite_rows(z, "z")
    if len(z) < least:
        raise ValueError(
            f"z has {len(z)} rows, but an interval needs at least {least} examples (one example, "
            "repeated, has the interval of its Monte Carlo error)"
        )
    parts = [network.transform(z[start : start + ROWS]).numpy() for start in range(0, len(z), ROWS)]
    return np.concatenate(parts)
