"""The flow: the Keras layer that owns the weights of the whole chain of bijectors."""

import functools
import itertools
from typing import Any

import keras
import numpy as np
import tensorflow as tf

# Registers the couplings and mixings that the package brings.
from iin_tf.bijectors import coupling_steps, mixing_steps  # noqa: F401
from iin_tf.bijectors.actnorm import ActNorm, actnorm_start
from iin_tf.bijectors.actnorm_steps import ActNormSteps
from iin_tf.bijectors.base import VectorBijector
from iin_tf.bijectors.block_steps import COUPLINGS, MIXINGS, FlowShape
from iin_tf.bijectors.chain import Chain
from iin_tf.bijectors.front import FrontWeights, width_behind
from iin_tf.bijectors.principal_axes import Trailing
from iin_tf.checks import whole
from iin_tf.limits import check_weights

# More rows steady ActNorm's start no further; fewer leave it noisy at N = 64.
_START_ROWS = 1024
# A covariance of fewer rows has smallest variances that are far too small.
_START_ROWS_A_DIMENSION = 4


@keras.saving.register_keras_serializable("iin_tf")
class Flow(keras.layers.Layer):
    """Owns the weights of `blocks` times [ActNorm, coupling, flipped coupling, mixing].

    A front may stand before them: principal axes with unit variance, fitted by `adapt`.

    Each kind of step is a `BlockSteps` that makes its own weights, stacked over the blocks,
    and the bijectors from them; other kinds are registered by `register_coupling` and
    `register_mixing`.

    Args:
      latent_size: N, 2 or more.
      blocks: number of blocks.
      hidden: width of the conditioners' hidden layers.
      depth: number of hidden layers beyond the first.
      mixing: "permutation", a fixed random one per block, or "linear", a learned
        invertible map kept as LU factors that starts as a random rotation.
      seed: int that fixes initial weights and permutations.
      coupling: "affine", or "spline" for rational-quadratic splines.
      front: None; "whiten"; or d, the number of leading principal components that go
        through the blocks, while the others are scaled to unit variance and come first.
      dtype: Keras dtype or policy.  Under a mixed policy the conditioners' products run
        in its compute dtype while training; all else is in the variable dtype.

    Raises:
      InputError: an argument is out of its range.
    """

    def __init__(
        self,
        latent_size: int,
        blocks: int,
        hidden: int,
        depth: int,
        mixing: str,
        seed: int,
        coupling: str = "affine",
        front: str | int | None = None,
        **kwargs: Any,
    ):
        super().__init__(autocast=False, **kwargs)
        self.latent_size = whole(latent_size, "latent_size", least=2)
        self.blocks = whole(blocks, "blocks", least=1)
        self.hidden = whole(hidden, "hidden", least=1)
        self.depth = whole(depth, "depth", least=0)
        self.mixing = mixing
        self.coupling = coupling
        self.seed = whole(seed, "seed", least=0)
        self.front = front
        self.width = width_behind(front, self.latent_size)
        self.front_weights = None if front is None else FrontWeights(self.latent_size)
        shape = FlowShape(self.width, self.blocks, self.hidden, self.depth)
        self.actnorms = ActNormSteps(shape)
        self.couplings = COUPLINGS.get(coupling)(shape)
        self.mixings = MIXINGS.get(mixing)(shape)
        check_weights(self.weight_count, "the network")

    @property
    def _parts(self):
        """The parts of a block, in order of application."""
        return (self.actnorms, self.couplings, self.mixings)

    def build(self, input_shape: Any = None) -> None:
        random = np.random.default_rng(self.seed)
        if self.front_weights is not None:
            self.front_weights.build(self._add)
        for part in self._parts:
            part.build(self._add, random)
        super().build(input_shape)

    @property
    def weight_count(self) -> int:
        """How many numbers the weights are, by the sizes alone; nothing is made."""
        front = 0 if self.front is None else self.latent_size**2
        return front + sum(part.weight_count() for part in self._parts)

    def _add(self, name, value, trainable=True, dtype=None):
        return self.add_weight(
            shape=value.shape,
            initializer=lambda shape, dtype: tf.cast(value, dtype),
            dtype=dtype,
            name=name,
            trainable=trainable,
            autocast=False,
        )

    @property
    def bijector(self) -> Chain:
        """The chain as a `tfb.Bijector` over the live weights; forward is z -> z_tilde.

        The same object at every call.  In a graph that is being traced it is a new one that
        equals it: what a bijector remembers of a graph knows nothing of weights that the
        graph assigns later.
        """
        return self._bijector if tf.executing_eagerly() else self._chain(self._exact_steps)

    @functools.cached_property
    def _bijector(self):
        return self._chain(self._exact_steps)

    @property
    def training_bijector(self) -> Chain:
        """As `bijector`, with the conditioners' products in the compute dtype.

        On the way back a conditioner sees its input changed in the last bit.  Products in
        bfloat16 can answer that with a change in the third digit, which would ruin the
        round trip; a loss does not mind.
        """
        return self._chain(self._training_steps)

    def _chain(self, steps):
        return Chain(
            steps,
            variables=[weight.value for weight in self.weights],
            event_size=self.latent_size,
            dtype=tf.as_dtype(self.variable_dtype),
            name="flow",
        )

    # Methods of one object are equal wherever they are asked for, and so are their chains.

    def _exact_steps(self):
        return self._steps(self.variable_dtype)

    def _training_steps(self):
        return self._steps(self.compute_dtype)

    def _steps(self, product_dtype):
        steps = list(itertools.chain(*self._blocks(product_dtype)))
        if self.front_weights is None:
            return steps
        if self.width < self.latent_size:
            steps = [Trailing(Chain(steps, dtype=steps[0].dtype), self.width)]
        return [self.front_weights.bijector(), *steps]

    def _blocks(self, product_dtype) -> list[list[VectorBijector]]:
        dtypes = tf.as_dtype(self.variable_dtype), tf.as_dtype(product_dtype)
        parts = [part.unstack(*dtypes) for part in self._parts]
        return [list(itertools.chain(*block)) for block in zip(*parts, strict=True)]

    def block_steps(self) -> list[VectorBijector]:
        """The steps of all blocks as they are now, in order of application, without the front."""
        return list(itertools.chain(*self._blocks(self.variable_dtype)))

    @property
    def step_names(self) -> list[str]:
        """A name for each step of the chain, in order of application."""
        kinds = [name for part in self._parts for name in part.names]
        names = [f"block {block}, {kind}" for block in range(self.blocks) for kind in kinds]
        return names if self.front_weights is None else ["front", *names]

    @property
    def start_rows(self) -> int:
        """How many rows `adapt` makes good use of."""
        if self.front_weights is None:
            return _START_ROWS
        return max(_START_ROWS, _START_ROWS_A_DIMENSION * self.latent_size)

    def call(self, z: tf.Tensor) -> tf.Tensor:
        return self.bijector.forward(z)

    def adapt(self, z: tf.Tensor) -> None:
        """Starts the front and every ActNorm from the rows of `z` [B, N], in eager mode.

        Raises:
          InputError: a dimension is constant.
        """
        if self.front_weights is not None:
            self.front_weights.start(z)
            z = self.front_weights.bijector().forward(z)[:, -self.width :]
        means, log_deviations = [], []
        for _, *others in self._blocks(self.variable_dtype):
            mean, log_deviation = actnorm_start(z)
            means.append(mean)
            log_deviations.append(log_deviation)
            for step in [ActNorm(-mean, -log_deviation), *others]:
                z = step.forward(z)
        self.actnorms.start(means, log_deviations)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "latent_size": self.latent_size,
            "blocks": self.blocks,
            "hidden": self.hidden,
            "depth": self.depth,
            "mixing": self.mixing,
            "coupling": self.coupling,
            "front": self.front,
            "seed": self.seed,
        }
