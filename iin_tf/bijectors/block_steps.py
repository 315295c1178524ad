"""What a block of a flow consists of: steps that own their weights, chosen by name."""

import abc
from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from iin_tf.bijectors.base import VectorBijector
from iin_tf.checks import InputError, choice, shown


class FlowShape(NamedTuple):
    """The sizes that a flow's steps have in common.

    Attributes:
      latent_size: N.
      blocks: number of blocks.
      hidden: width of the conditioners' hidden layers.
      depth: number of their hidden layers beyond the first.
    """

    latent_size: int
    blocks: int
    hidden: int
    depth: int


class BlockSteps(abc.ABC):
    """One or more steps of every block: makes their weights, and the bijectors from them.

    Weights of one kind stand in one variable, stacked over the blocks: few variables keep
    tracing and the optimiser's update short.

    Args:
      shape: FlowShape of the flow that the steps are part of.

    Attributes:
      names: a name for each step of a block, in order of application, for messages.
    """

    names: tuple[str, ...]

    def __init__(self, shape: FlowShape):
        self.shape = shape

    @abc.abstractmethod
    def build(self, add_weight: Callable[..., keras.Variable], random: np.random.Generator) -> None:
        """Makes the weights of all blocks.

        Args:
          add_weight: `add_weight(name, value, trainable=True, dtype=None)` makes a variable
            of the flow that starts as the array `value`.  What is not learned is a weight
            too, or it would be lost on saving.
          random: source of the weights' start; it is all that may be drawn from.
        """

    def weight_count(self) -> int:
        """How many numbers `build` makes: looked at before it does.  0 where nobody has said."""
        return 0

    @abc.abstractmethod
    def unstack(self, dtype: tf.DType, product_dtype: tf.DType) -> list[list[VectorBijector]]:
        """The bijectors of each block, made from the weights as they are now.

        Args:
          dtype: float dtype of the vectors.
          product_dtype: float dtype of large matrix products; bfloat16 while training under
            a mixed policy.

        Returns:
          For each block its steps in order of application, as many as `names`.
        """


class Registry:
    """Classes of `BlockSteps` by name.

    Args:
      argument: the argument that chooses among them, for messages.
    """

    def __init__(self, argument: str):
        self._argument = argument
        self._classes: dict[str, type[BlockSteps]] = {}

    def register(self, name: str) -> Callable[[type[BlockSteps]], type[BlockSteps]]:
        """A decorator that makes a class available as `name`.

        A network whose steps come from another package can be loaded once that package
        has been imported.

        Raises:
          InputError: the name is taken, or the class is no `BlockSteps`.
        """

        def add(steps: type[BlockSteps]) -> type[BlockSteps]:
            if not (isinstance(steps, type) and issubclass(steps, BlockSteps)):
                raise InputError(f"{self._argument} {name!r} is {shown(steps)}; give a BlockSteps")
            if self._classes.setdefault(name, steps) is not steps:
                raise InputError(f"{self._argument} {name!r} is registered; give another name")
            return steps

        return add

    def names(self) -> list[str]:
        """The registered names, in order of registration."""
        return list(self._classes)

    def get(self, name: str) -> type[BlockSteps]:
        """The class of that name.

        Raises:
          InputError: there is none.
        """
        return self._classes[choice(name, self._argument, self._classes)]


COUPLINGS = Registry("coupling")
MIXINGS = Registry("mixing")
register_coupling = COUPLINGS.register
register_mixing = MIXINGS.register
