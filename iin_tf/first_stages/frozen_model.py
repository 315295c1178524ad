"""What each kind of first stage says of its model."""

import abc
from typing import Any

import tensorflow as tf

from iin_tf.checks import InputError


class FrozenModel(tf.Module, abc.ABC):
    """The model behind a first stage: what a subclass of `FirstStage` implements.

    All of it are functions of tensors alone, at any batch size.
    """

    # Whether tf.function may trace it.
    runs_in_graph = True

    @abc.abstractmethod
    def represent(self, x: Any) -> Any:
        """What the model makes of x [B, ...]: (mean, log_variance) or z alone, [B, M] each."""

    def generate(self, z: tf.Tensor) -> tf.Tensor:
        """Outputs of representations z [B, M]."""
        raise InputError(f"{type(self).__name__} has no decoder to go back by; give it one")

    def respond(self, z: tf.Tensor, x: Any = None) -> tf.Tensor:
        """Outputs of the rest of the model for representations z [B, M] of inputs x."""
        raise InputError(f"{type(self).__name__} has no head that reads its z; give it one")

    def locate(self, x: Any) -> tf.Tensor:
        """The row of x and the position of each row of `represent(x)`, int64 [n, 2]."""
        raise InputError(
            "pool is not 'positions', so that a row of encode is an example; leave places out"
        )

    @property
    @abc.abstractmethod
    def input_spec(self) -> tf.TensorSpec:
        """`tf.TensorSpec` of the inputs x, [None, ...]: what an export asks clients for."""

    @property
    def input_range(self) -> tuple[float, float] | None:
        """The least and the largest value of x, where the model knows them."""
        return None

    @property
    def has_decoder(self) -> bool:
        """Whether `decode` works."""
        return False

    @property
    def has_head(self) -> bool:
        """Whether `head` works."""
        return False

    @property
    def head_needs_input(self) -> bool:
        """Whether `head` reads x beside z."""
        return False

    @property
    def keeps_rows(self) -> bool:
        """Whether `encode` gives one row for each row of x; False where positions are rows."""
        return True

    @property
    def trainable_variables(self) -> tuple:
        """Empty: a first stage is frozen."""
        return ()
