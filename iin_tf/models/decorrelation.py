"""The residual without what is linear in the factors' blocks."""

from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from iin_tf.bijectors.mixing_steps import LinearSteps
from iin_tf.checks import InputError

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

# Of each dimension of the factors' blocks: fewer rows fit their own noise.
_ROWS_A_DIMENSION = 2


def decorrelate(network: "InterpretationNetwork", z: tf.Tensor) -> None:
    """As `InterpretationNetwork.decorrelate`, on checked rows `z` [n, N]."""
    flow, first = network.flow, network.layout.sizes[0]
    factors = network.layout.latent_size - first
    if not isinstance(flow.mixings, LinearSteps):
        raise InputError(
            f"mixing is {flow.mixing!r}, which takes up no linear map; make the network with "
            'mixing="linear"'
        )
    if not network.adapted.numpy():
        raise InputError("the network has not been trained; call fit first")
    if len(z) < _ROWS_A_DIMENSION * factors:
        raise InputError(
            f"z has {len(z)} rows, too few for factors of {factors} dimensions; give at least "
            f"{_ROWS_A_DIMENSION * factors}"
        )
    # Rows of the batches are columns of the maps; what goes around a front comes first.
    codes = network.transform(z).numpy()[:, -flow.width :].astype(np.float64)
    inside = flow.width - factors
    matrix = np.eye(flow.width)
    matrix[:inside, inside:] = -_slopes(codes[:, inside:], codes[:, :inside]).T
    flow.mixings.follow(matrix)


def _slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of the least-squares fit of `y` [n, R] on `x` [n, M]: [M, R]."""
    return np.linalg.lstsq(x - x.mean(axis=0), y - y.mean(axis=0), rcond=None)[0]
