"""Whether a trained network's inverse still is one."""

import warnings
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

# Samples whose round trip is tried, and the seed that fixes them.
_ROWS, _SEED = 64, (0, 0)


class RoundTripWarning(UserWarning):
    """The inverse of a network has lost half of its digits or more."""


def round_trip_error(network: "InterpretationNetwork") -> float:
    """The largest `|T(T^-1(z_tilde)) - z_tilde|` over samples, in standard deviations of z_tilde.

    Args:
      network: InterpretationNetwork.
    """
    size, dtype = network.layout.latent_size, network.variable_dtype
    z_tilde = tf.random.stateless_normal([_ROWS, size], _SEED, dtype=dtype)
    bijector = network.flow.bijector
    # Eager, for a graph would take longer to trace than this takes.
    again = bijector.forward(tf.identity(bijector.inverse(z_tilde)))
    error = np.abs(again.numpy() - z_tilde.numpy()).max()
    return float(error) if np.isfinite(error) else float("inf")


def most_error(network: "InterpretationNetwork") -> float:
    """The largest round-trip error that leaves half of the digits of the network's dtype."""
    return float(np.sqrt(np.finfo(network.variable_dtype).eps))


def warn_of_lost_digits(network: "InterpretationNetwork") -> None:
    """Warns if the round trip has lost half of the digits that the dtype has."""
    most = most_error(network)
    error = round_trip_error(network)
    if error > most:
        warnings.warn(
            f"after this training the inverse is off by up to {error:.2g} standard deviations of "
            f"z_tilde (half of the digits of {network.variable_dtype} are {most:.1g}): samples and "
            "edits are as far off; lower the learning rate or clip the gradient, and train anew",
            RoundTripWarning,
            stacklevel=3,
        )
