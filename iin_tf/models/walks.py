"""Random walks of single factors."""

from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from iin_tf import algebra
from iin_tf.models.factor_edits import FactorEdits


def random_walk(
    network: FactorEdits,
    z: Any,
    factors: str | Iterable[str],
    steps: int,
    correlation: float = 0.9,
    seed: int = 0,
) -> tf.Tensor:
    """Walks in the blocks `factors` while the others hold still; see `iin_tf.algebra.walk`.

    Args:
      network: InterpretationNetwork or LinearNetwork.
      z: float [B, N], where the walks start.
      factors: names of the blocks that move.
      steps: number of points, the start included.
      correlation: rho of one step, in [0, 1).
      seed: whole number of at least 0.

    Returns:
      float [B, steps, N].

    Raises:
      InputError: an unknown name, fewer than one step, or a correlation outside [0, 1).
    """
    z_tilde = network.transform(z).numpy()
    path = algebra.walk(network.layout, z_tilde, factors, steps, correlation, seed)
    z = network.invert(path.reshape(-1, z_tilde.shape[1]))
    return tf.reshape(z, path.shape)
