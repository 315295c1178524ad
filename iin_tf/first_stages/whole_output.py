"""The output of a whole model as a representation, where it has positions."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from iin_tf.first_stages.positions import Positions
from iin_tf.private_apis.keras import keras_mask


class WholeOutput:
    """What `represent` of a first stage is at a model's own output [B, ..., C].

    Args:
      function: of inputs -> outputs.
      shape: of the outputs, (None, ..., C).
      pool: what is done with positions; see `Positions`.
      name: of the model, for messages.

    Raises:
      InputError: `pool` does not fit the shape.
    """

    # Nothing of the model comes behind its output.
    has_head = head_needs_input = False
    value_range = None

    def __init__(self, function: Callable, shape: tuple, pool: str | int | None, name: str):
        self._function = function
        self._positions = Positions(shape, pool, name)
        self.size = self._positions.size

    @property
    def keeps_rows(self) -> bool:
        """Whether a row of x gives a row of the representation."""
        return self._positions.pool != "positions"

    def represent(self, x: Any) -> tf.Tensor:
        """The representation [B, M] of inputs x."""
        output = self._function(x)
        return self._positions.pooled(output, keras_mask(output))

    def places(self, x: Any) -> tf.Tensor:
        """The example and the position of each row of `represent(x)`, int64 [n, 2]."""
        output = self._function(x)
        return self._positions.places(output, keras_mask(output))
