"""What a network takes for rows of representations."""

from typing import Any

import keras
import tensorflow as tf

from iin_tf import checks
from iin_tf.factors import FactorLayout


def as_rows(z: Any, layout: FactorLayout, dtype: str, argument: str = "z") -> tf.Tensor:
    """`z` as a tensor [B, N], checked before anything is computed from it.

    Args:
      z: array, tensor, data frame or lists of real numbers.  A tensor of the graph that is
        being traced is checked as far as it is known, a symbolic Keras tensor for its shape.
      layout: FactorLayout, which knows N.
      dtype: of the result.
      argument: what messages call `z`.

    Raises:
      InputError: no real numbers, not [B, N], or a row that is not finite.
    """
    if isinstance(z, keras.KerasTensor):
        _check_shape(z, layout, argument)
        return z
    rows = tf.cast(as_real_tensor(z, argument), dtype)
    if rows.shape.rank is None or (rows.shape.rank == 2 and rows.shape[1] is None):
        rows = tf.ensure_shape(rows, [None, layout.latent_size])
    _check_shape(rows, layout, argument)
    checks.check_finite_rows(rows, argument)
    return rows


def as_real_tensor(values: Any, argument: str) -> tf.Tensor:
    """`values` as a dense tensor of numbers that lose nothing when cast to a float.

    Raises:
      InputError: complex numbers, texts, a masked array, rows of several lengths, a ragged or
        sparse tensor.
    """
    if isinstance(values, tf.RaggedTensor | tf.SparseTensor):
        raise checks.InputError(
            f"{argument} is a {type(values).__name__}; give a dense tensor, [B, N]"
        )
    if not tf.is_tensor(values):
        return tf.convert_to_tensor(checks.real_array(values, argument))
    if not (values.dtype.is_floating or values.dtype.is_integer or values.dtype.is_bool):
        raise checks.InputError(
            f"{argument} has dtype {values.dtype.name}; give real numbers, such as float32 "
            "(of complex ones the real and imaginary parts as columns)"
        )
    return tf.convert_to_tensor(values)


def _check_shape(z, layout, argument):
    checks.check_matrix(z, argument)
    layout.check_latents(z, argument)
