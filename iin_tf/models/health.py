"""Figures that show how well a network's training does, beside its loss."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from iin_tf.bijectors.coupling import AffineCoupling
from iin_tf.models.round_trip import round_trip_error
from iin_tf.private_apis.keras import adam_moments

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

# A log-scale is bounded by tanh: beyond this it hardly learns.
_SATURATED = 0.99
_ROWS, _SEED = 64, (0, 1)


class BlockSquares(keras.metrics.Metric):
    """Sums of the squares of each dimension of z_tilde over an epoch of training.

    It is no part of what a network saves.

    Args:
      size: N.
    """

    def __init__(self, size: int, name: str = "block_squares"):
        super().__init__(name=name)
        # The last entry counts rows.
        self.sums = self.add_variable(shape=(size + 1,), initializer="zeros", name="sums")

    def update_state(self, z_tilde: tf.Tensor) -> None:
        """Adds the rows of `z_tilde` [B, N]."""
        sums = tf.reduce_sum(tf.square(tf.cast(z_tilde, self.sums.dtype)), 0)
        rows = tf.cast(tf.shape(z_tilde)[:1], self.sums.dtype)
        self.sums.assign_add(tf.concat([sums, rows], 0))

    def result(self) -> tf.Tensor:
        return tf.math.divide_no_nan(self.sums[:-1], self.sums[-1])

    def save_own_variables(self, store: Any) -> None:
        """Nothing."""

    def load_own_variables(self, store: Any) -> None:
        """Nothing."""


def figures(network: "InterpretationNetwork") -> dict[str, float]:
    """What a `Watch` sees of a network.

    Args:
      network: InterpretationNetwork.

    Returns:
      round_trip: the largest error of the inverse, in standard deviations of z_tilde.
      actnorm: the largest absolute log-scale that an ActNorm has learned, nats.
      saturated: the fraction of an affine coupling's log-scales that are at their bound; of
        all couplings that of the worst, on samples of the model.  Left out without such couplings.
      gradient: the norm of the running mean of the gradients; left out without an Adam.
      nll/BLOCK: negative log-likelihood of a block by itself, over the epoch, nats.
    """
    found = {
        "round_trip": round_trip_error(network),
        "actnorm": float(np.abs(network.flow.actnorms.log_scale.numpy()).max()),
    }
    saturated = _saturated(network)
    if saturated is not None:
        found["saturated"] = saturated
    if isinstance(network.optimizer, keras.optimizers.Adam):
        found["gradient"] = _gradient_norm(network)
    squares = np.asarray(network.block_squares.result())
    for name, part in network.layout.slices.items():
        block = squares[part]
        found[f"nll/{name}"] = float(0.5 * (block.sum() + len(block) * np.log(2 * np.pi)))
    return found


def told(found: Mapping[str, Any]) -> str:
    """The figures of `figures` on one line."""
    texts = [
        f"inverse off by {found['round_trip']:.2g}",
        f"ActNorm's log-scales up to {found['actnorm']:.3g}",
    ]
    if "saturated" in found:
        texts.append(f"{found['saturated']:.0%} of a coupling's log-scales at their bound")
    if "gradient" in found:
        texts.append(f"gradient {found['gradient']:.3g}")
    likelihoods = {name: value for name, value in found.items() if name.startswith("nll/")}
    texts += [f"{name} {value:.4g}" for name, value in likelihoods.items()]
    return ", ".join(texts)


def _saturated(network):
    """Of the couplings' log-scales on samples: the largest fraction at their bound."""
    size, dtype = network.flow.width, network.variable_dtype
    z_tilde = tf.random.stateless_normal([_ROWS, size], _SEED, dtype=dtype)
    fractions = []
    for step in reversed(network.flow.block_steps()):
        z_tilde = step.inverse(z_tilde)
        if isinstance(step, AffineCoupling):
            log_scale = step.log_scale(z_tilde)
            fractions.append(float(tf.reduce_mean(tf.cast(abs(log_scale) > _SATURATED, "float32"))))
    return max(fractions, default=None)


def _gradient_norm(network):
    moments = [
        adam_moments(network.optimizer, variable)[0].value
        for variable in network.trainable_variables
    ]
    return float(tf.linalg.global_norm(moments))
