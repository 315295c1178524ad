"""The couplings of a flow: two a block, so that each half conditions the other once."""

import abc
import itertools
import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from iin_tf.bijectors.base import VectorBijector
from iin_tf.bijectors.block_steps import BlockSteps, register_coupling
from iin_tf.bijectors.conditioner import Conditioner, Network, SplineConditioner
from iin_tf.bijectors.coupling import AffineCoupling, Coupling
from iin_tf.bijectors.spline_coupling import SplineCoupling

_COUPLINGS = 2


class ConditionedSteps(BlockSteps):
    """A coupling and a flipped coupling in every block, each with MLPs as its conditioner.

    Of N dimensions `N // 2` condition the other `N - N // 2`; where N is odd, the one in the
    middle is moved by both couplings.

    Attributes:
      networks: number of MLPs of a conditioner.
      outputs: number of outputs of each MLP for each dimension that is moved.
      identity_start: whether the last layers start at zero.
    """

    names = ("coupling", "flipped coupling")
    networks = 1
    outputs = 1
    identity_start = False

    @abc.abstractmethod
    def coupling(self, networks: list[Network], flip: int, dtype: tf.DType) -> Coupling:
        """The coupling whose conditioner has these `Network`s."""

    def build(self, add_weight: Callable[..., keras.Variable], random: np.random.Generator) -> None:
        self.kernels, self.biases = [], []
        stack, depth = self._stack, self.shape.depth
        for index, (fan_in, fan_out) in enumerate(itertools.pairwise(self._widths)):
            # The published conditioners' start: PyTorch's default for linear layers.
            bound = 1.0 / np.sqrt(fan_in)
            if self.identity_start and index == depth + 1:
                bound = 0.0
            kernel = random.uniform(-bound, bound, (*stack, fan_in, fan_out))
            bias = random.uniform(-bound, bound, (*stack, fan_out))
            self.kernels.append(add_weight(f"kernel_{index}", kernel))
            self.biases.append(add_weight(f"bias_{index}", bias))

    @property
    def _stack(self):
        """How many networks there are: the first axes of every weight."""
        return (self.shape.blocks * _COUPLINGS, self.networks)

    @property
    def _widths(self):
        """What goes into a network, its hidden layers, and what comes out."""
        size, _, hidden, depth = self.shape
        return [size // 2, *[hidden] * (depth + 1), (size - size // 2) * self.outputs]

    def weight_count(self) -> int:
        size, _, hidden, depth = self.shape
        # In closed form: a depth may be any number.
        moved = (size - size // 2) * self.outputs
        kernels = size // 2 * hidden + depth * hidden**2 + hidden * moved
        return math.prod(self._stack) * (kernels + (depth + 1) * hidden + moved)

    def unstack(self, dtype: tf.DType, product_dtype: tf.DType) -> list[list[VectorBijector]]:
        # One cast and one unstack a variable: a slice a block would make the gradient
        # of every slice as large as the whole stack.
        kernels = [_unstack_networks(tf.cast(k.value, product_dtype)) for k in self.kernels]
        biases = [_unstack_networks(bias.value) for bias in self.biases]
        layers = zip(zip(*kernels, strict=True), zip(*biases, strict=True), strict=True)
        groups = _batched([Network(*layer) for layer in layers], self.networks)
        return [
            [self.coupling(group, flip, dtype) for flip, group in enumerate(pair)]
            for pair in _batched(groups, _COUPLINGS)
        ]


def _batched(items, size):
    return [items[i : i + size] for i in range(0, len(items), size)]


def _unstack_networks(stack):
    """The weights of each network, in order, from a stack [couplings, networks, ...]."""
    return tf.unstack(tf.reshape(stack, [-1, *stack.shape[2:]]))


@register_coupling("affine")
class AffineCouplingSteps(ConditionedSteps):
    """Affine couplings, with separate MLPs for log-scale and shift, as published."""

    networks = 2

    def coupling(self, networks: list[Network], flip: int, dtype: tf.DType) -> Coupling:
        return AffineCoupling(Conditioner(*networks), flip=bool(flip), dtype=dtype)


@register_coupling("spline")
class SplineCouplingSteps(ConditionedSteps):
    """Rational-quadratic spline couplings of 8 bins on [-4, 4]; they start as the identity.

    Source: Durkan et al., Neural Spline Flows (2019), section 3.
    """

    bins = 8
    bound = 4.0
    outputs = 3 * bins - 1
    identity_start = True

    def coupling(self, networks: list[Network], flip: int, dtype: tf.DType) -> Coupling:
        (network,) = networks
        conditioner = SplineConditioner(network, self.bins)
        return SplineCoupling(conditioner, self.bound, flip=bool(flip), dtype=dtype)
