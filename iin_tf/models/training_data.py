"""What `fit` and `evaluate` are given, checked before or while it is used."""

from typing import TYPE_CHECKING, Any

import keras

from iin_tf.models import data_sets
from iin_tf.models.training_arrays import as_array, check_arrays, is_array

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork


def checked(
    network: "InterpretationNetwork", x: Any, shared: Any, sample_weight: Any, prefix: str = ""
) -> tuple:
    """x, shared and sample_weight as Keras may use them.

    Arrays are checked in full here; data sets and generators are wrapped, so that they are
    checked batch by batch as they are read (see `data_sets`).

    Args:
      network: InterpretationNetwork.
      x: z, (z_a, z_b), or a data set or generator of batches.
      shared: beside arrays, or None.
      sample_weight: beside arrays, or None.
      prefix: stands before the names of the arguments in messages.

    Raises:
      InputError: no example, no arrays, a wrong shape, a row that is not finite, a negative
        weight, or `shared` that does not fit.
    """
    x = tuple(map(as_array, x)) if isinstance(x, list | tuple) else as_array(x)
    shared, sample_weight = as_array(shared), as_array(sample_weight)
    beside = shared is not None or sample_weight is not None
    if not (beside or x is None or isinstance(x, tuple) or is_array(x)):
        return data_sets.checked(network, x, prefix), None, None
    check_arrays(network, x, shared, sample_weight, prefix)
    return x, shared, sample_weight


def checked_batch(
    network: "InterpretationNetwork", x: Any, shared: Any, sample_weight: Any
) -> tuple:
    """As `checked`, of the arrays of one batch."""
    x = tuple(map(as_array, x)) if isinstance(x, list | tuple) else as_array(x)
    shared, sample_weight = as_array(shared), as_array(sample_weight)
    check_arrays(network, x, shared, sample_weight)
    return x, shared, sample_weight


def checked_validation(network: "InterpretationNetwork", data: Any) -> Any:
    """As `checked`, for `fit`'s validation_data."""
    if data is None:
        return None
    if not isinstance(data, list | tuple):
        x, _, _ = checked(network, data, None, None, "validation ")
        return x
    x, shared, sample_weight = keras.utils.unpack_x_y_sample_weight(tuple(data))
    return checked(network, x, shared, sample_weight, "validation ")
