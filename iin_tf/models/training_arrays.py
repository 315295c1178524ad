"""Arrays that a network trains on, checked in full before anything is computed."""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.models.inputs import as_real_tensor
from iin_tf.models.labels import check_group_correlation, label_codes

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork


def checked_arrays(
    network: "InterpretationNetwork",
    x: Any,
    y: Any,
    sample_weight: Any = None,
    prefix: str = "",
) -> tuple:
    """What `fit` is given as arrays, checked, and as Keras takes it.

    Args:
      network: InterpretationNetwork.
      x: array or tensor, or two of them, as `fit` takes them.
      y: beside one array its labels, beside two what they share; None for none.
      sample_weight: array or tensor, None for none.
      prefix: stands before the names of the arguments in messages.

    Returns:
      x, y and sample_weight, labels as from `label_codes`.

    Raises:
      InputError: no example, no arrays, a wrong shape, a row that is not finite, a negative
        weight, or `y` that does not fit.
    """
    x = tuple(map(as_array, x)) if isinstance(x, list | tuple) else as_array(x)
    sample_weight = as_array(sample_weight)
    if x is None:
        raise InputError(
            "x is None; give z, alone or with labels, or (z_a, z_b) with shared, or a "
            "tf.data.Dataset"
        )
    members = _members(x, y, prefix)
    for argument, z in members.items():
        _check_member(network, z, argument)
    rows = len(next(iter(members.values())))
    if isinstance(x, tuple):
        y = as_array(y)
        _check_has_shape(y, f"{prefix}shared")
        checks.check_same_length(x[0], x[1], tuple(members))
        network.pair_correlation(y, rows, f"{prefix}shared")
        warn_of_fixed_correlation(network, y.dtype)
    elif y is not None:
        y = label_codes(y, network.layout, f"{prefix}labels")
        column = next(iter(y.values())) if isinstance(y, dict) else y
        checks.check_same_length(x, column, (f"{prefix}z", f"{prefix}labels"))
        check_group_correlation(network)
    if sample_weight is not None:
        _check_weight(sample_weight, rows, f"{prefix}sample_weight")
    return x, y, sample_weight


def warn_of_fixed_correlation(network: "InterpretationNetwork", shared_dtype: Any) -> None:
    """Warns where `shared` holds numbers that a learned correlation would learn nothing from."""
    if network.block_correlation.is_learned and tf.as_dtype(shared_dtype).is_floating:
        warnings.warn(
            'correlation is "learned", but shared holds correlations, which take its place: it '
            "stays where it is; give shared as block numbers or bools, or fix the correlation",
            stacklevel=4,
        )


def _members(x, y, prefix):
    """The arrays of representations in x, by their names in messages."""
    if not isinstance(x, tuple):
        return {f"{prefix}z": x}
    if y is None or len(x) != 2:
        found = "without shared" if y is None else "with shared"
        raise InputError(
            f"x is a tuple of {len(x)}, {found}: give shared with the two members (z_a, z_b), or "
            "one array z, alone or with labels"
        )
    return {f"{prefix}z_a": x[0], f"{prefix}z_b": x[1]}


def _check_member(network, z, argument):
    _check_has_shape(z, argument)
    if tf.is_tensor(z):
        as_real_tensor(z[:0], argument)
    else:
        checks.real_array(z, argument)
    checks.check_matrix(z, argument)
    network.layout.check_latents(z, argument)
    if not len(z):
        raise InputError(f"{argument} has no rows; give at least one example")
    checks.check_finite_rows(z, argument)


def _check_weight(weight, rows, argument):
    """Raises InputError unless `weight` [rows] is finite and not negative."""
    _check_has_shape(weight, argument)
    if tuple(weight.shape) != (rows,):
        raise InputError(
            f"{argument} has shape {tuple(weight.shape)}; give one weight a row, [{rows}]"
        )
    weight = checks.real_array(weight, argument)
    checks.check_finite_rows(weight[:, None], argument)
    # The loss of a negative weight has no lower bound.
    negative = np.flatnonzero(weight < 0)
    if negative.size:
        row = negative[0]
        raise InputError(f"{argument} is {weight[row]} in row {row}; give 0 or more")


def _check_has_shape(value, argument):
    # Keras takes no lists of numbers either, but answers with the whole of them.
    if not hasattr(value, "shape"):
        raise InputError(f"{argument} is a {type(value).__name__}; give an array")


def as_array(value: Any) -> Any:
    """Data frames and other libraries' arrays as NumPy's; all else as it is."""
    foreign = hasattr(value, "__array__") and hasattr(value, "shape") and not is_array(value)
    return checks.real_array(value, type(value).__name__) if foreign else value


def is_array(x: Any) -> bool:
    """Whether `x` is one array, of NumPy or of TensorFlow."""
    return isinstance(x, np.ndarray) or tf.is_tensor(x)
