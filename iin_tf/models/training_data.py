"""What `fit` and `evaluate` are given, checked before or while it is used."""

from typing import TYPE_CHECKING, Any

import keras

from iin_tf.models import data_sets
from iin_tf.models.labels import check_groups, warn_of_lonely_examples
from iin_tf.models.training_arrays import checked_arrays, is_array

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

# Keras's own where `fit` is given none.
_BATCH_SIZE = 32


def checked(
    network: "InterpretationNetwork", x: Any, y: Any, sample_weight: Any, prefix: str = ""
) -> tuple:
    """x, y and sample_weight as Keras may use them.

    Arrays are checked in full here; data sets and generators are wrapped, so that they are
    checked batch by batch as they are read (see `data_sets`).

    Args:
      network: InterpretationNetwork.
      x: z, (z_a, z_b), or a data set or generator of batches.
      y: labels beside z, shared beside (z_a, z_b), or None.
      sample_weight: beside arrays, or None.
      prefix: stands before the names of the arguments in messages.

    Raises:
      InputError: no example, no arrays, a wrong shape, a row that is not finite, a negative
        weight, or labels or `shared` that do not fit.
    """
    beside = y is not None or sample_weight is not None
    if not (beside or x is None or isinstance(x, list | tuple) or hasattr(x, "shape")):
        return data_sets.checked(network, x, prefix), None, None
    return checked_arrays(network, x, y, sample_weight, prefix)


def check_labels(network: "InterpretationNetwork", x: Any, y: Any, batch_size: int | None) -> None:
    """Checks that all of fit's labels together teach something of each factor.

    Args:
      network: InterpretationNetwork.
      x: from `checked`.
      y: from `checked`.
      batch_size: as `fit` takes it.

    Raises:
      InputError: a factor has one value, or no two examples share one.
    """
    if y is not None and is_array(x):
        check_groups(y, network.layout)
        warn_of_lonely_examples(y, network.layout, batch_size or _BATCH_SIZE)


def checked_validation(network: "InterpretationNetwork", data: Any) -> Any:
    """As `checked`, for `fit`'s validation_data."""
    if data is None:
        return None
    if not isinstance(data, list | tuple):
        x, _, _ = checked(network, data, None, None, "validation ")
        return x
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(tuple(data))
    return checked(network, x, y, sample_weight, "validation ")
