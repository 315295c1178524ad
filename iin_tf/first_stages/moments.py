"""What an encoder returns: a mean and a log-variance, or one representation."""

from typing import Any

from iin_tf.checks import InputError


def moments(z: Any) -> tuple:
    """(mean, log_variance) of what an encoder returns; InputError where it is something else."""
    if isinstance(z, dict) and set(z) == {"mean", "log_variance"}:
        return z["mean"], z["log_variance"]
    if isinstance(z, (tuple, list)) and len(z) == 2:
        return tuple(z)
    if isinstance(z, (tuple, list, dict)):
        raise InputError(
            f"the encoder has {len(z)} outputs; give one that returns (mean, log_variance) alone"
        )
    raise InputError(
        "noise is None, but the encoder returns no log_variance; give noise, such as 0.05"
    )


def representation(z: Any) -> Any:
    """The one output of a deterministic encoder; InputError where there are several."""
    if isinstance(z, (tuple, list, dict)):
        raise InputError(
            f"noise is given, but the encoder has {len(z)} outputs; leave noise out if they are "
            "(mean, log_variance), or give an encoder with one output"
        )
    return z
