"""One layer of a Keras model as a representation."""

from typing import Any

import keras
import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.cut import Cut
from iin_tf.first_stages.positions import Positions
from iin_tf.first_stages.value_range import value_range
from iin_tf.private_apis.keras import keras_mask


class KerasLayer:
    """What `represent` and `respond` of a first stage are at one layer of a Keras model.

    Args:
      model: built functional or sequential Keras model.
      layer: name of the layer; see `Cut`.
      pool: what is done with positions; see `Positions`.

    Raises:
      InputError: the model cannot be cut there, or `pool` does not fit the layer's output.
    """

    def __init__(self, model: keras.Model, layer: str, pool: str | int | None):
        self._cut = Cut(model, layer)
        self._positions = Positions(self._cut.output.shape, pool, layer)
        self._dtype = self._cut.output.dtype
        self._inputs, self._outputs = _structures(model)
        self._body, self._head = _Inference(self._pooled), _Inference(self._resumed)
        self._places = _Inference(self._placed)
        self.size = self._positions.size
        self.value_range = value_range(self._cut.output)

    @property
    def keeps_rows(self) -> bool:
        """Whether a row of x gives a row of the representation."""
        return self._positions.pool != "positions"

    @property
    def has_head(self) -> bool:
        """Whether the model can go on from the representation."""
        return self._positions.has_way_back

    @property
    def head_needs_input(self) -> bool:
        """Whether `respond` reads x beside z."""
        return self._cut.reads_input or self._positions.needs_output

    def represent(self, x: Any) -> tf.Tensor:
        """The representation [B, M] of inputs x."""
        return self._body(self._flat(x), training=False)

    def respond(self, z: tf.Tensor, x: Any = None) -> Any:
        """The model's outputs, in its own structure, for representations z [B, M] of inputs x."""
        self._positions.check_way_back()
        reads_input = self.head_needs_input
        if x is None and reads_input:
            raise InputError("x is None, but the rest of the model reads it; give z's inputs")
        z = tf.cast(z, self._dtype)
        outputs = self._head([z, *(self._flat(x) if reads_input else [])], training=False)
        return keras.tree.pack_sequence_as(self._outputs, outputs)

    def places(self, x: Any) -> tf.Tensor:
        """The example and the position of each row of `represent(x)`, int64 [n, 2]."""
        return self._places(self._flat(x), training=False)

    def _pooled(self, x):
        output = self._cut.body(x)
        return self._positions.pooled(output, keras_mask(output))

    def _resumed(self, tensors):
        z, *x = tensors
        output = self._cut.body(x) if self._positions.needs_output else None
        return self._cut.head(self._positions.restore(z, output, keras_mask(output)), x)

    def _placed(self, x):
        output = self._cut.body(x)
        return self._positions.places(output, keras_mask(output))

    def _flat(self, x):
        """The inputs as a list of tensors, in the model's order and dtypes."""
        wanted = self._inputs
        if isinstance(wanted, list | tuple):
            names = [tensor.name for tensor in wanted]
            if isinstance(x, dict) and set(x) == set(names):
                x = [x[name] for name in names]
            if not isinstance(x, list | tuple) or len(x) != len(wanted):
                raise InputError(
                    f"x is {checks.shown(x)}; the model takes a tuple or a dict of {names}"
                )
            x = type(wanted)(x)
        elif isinstance(wanted, dict) and (not isinstance(x, dict) or set(x) != set(wanted)):
            raise InputError(f"x is {checks.shown(x)}; the model takes a dict of {sorted(wanted)}")
        pairs = zip(keras.tree.flatten(x), keras.tree.flatten(wanted), strict=True)
        return [_input(value, spec) for value, spec in pairs]


def _input(value, spec):
    """One input as the tensor that the model takes."""
    tensor = keras.ops.convert_to_tensor(value, spec.dtype)
    if not tensor.shape.is_compatible_with([None, *spec.shape[1:]]):
        raise InputError(f"x has shape {tuple(tensor.shape)}, but the model takes {spec.shape}")
    return tensor


class _Inference(keras.Layer):
    """A function of a list of tensors, run as Keras runs a model that is not trained."""

    def __init__(self, function):
        super().__init__(autocast=False, name="first_stage")
        self._function = function
        self.supports_masking = True
        self.built = True

    def call(self, tensors, training=None):
        return self._function(tensors)


def _structures(model):
    """How the model's inputs and outputs are nested; one in a list is one alone."""
    if isinstance(model, keras.Sequential):
        return model.inputs[0], model.outputs[0]
    return _alone(model.input), _alone(model.output)


def _alone(structure):
    one = isinstance(structure, list | tuple) and len(structure) == 1
    return structure[0] if one else structure
