"""What a data set tells of its batches before it is read: structure, dtypes and shapes."""

from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.models.labels import check_group_correlation
from iin_tf.models.training_arrays import warn_of_fixed_correlation

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

_FORMS = (
    "batches are z, (z, labels) or ((z_a, z_b), shared), and the latter two may have "
    "sample_weight behind them"
)


def check_spec(network: "InterpretationNetwork", spec: Any, prefix: str) -> None:
    """Checks what a data set's element_spec tells.

    Args:
      network: InterpretationNetwork.
      spec: `tf.data.Dataset.element_spec`.
      prefix: stands before the names of the arguments in messages.

    Raises:
      InputError: the structure, a dtype or a shape is wrong.
    """
    x, y, weight = _unpack_spec(spec, prefix)
    pair = isinstance(x, tuple | list)
    members = {"z_a": x[0], "z_b": x[1]} if pair else {"z": x}
    size, layout = network.layout.latent_size, network.layout
    for name, z in members.items():
        _check_rows(z, size, f"{prefix}{name}")
    if pair:
        _check_shared(y, len(layout.names), f"{prefix}shared")
        warn_of_fixed_correlation(network, y.dtype)
    elif y is not None:
        _check_labels(y, layout.factor_names, f"{prefix}labels")
        check_group_correlation(network)
    if weight is not None and weight.shape.rank not in (1, None):
        raise InputError(
            f"{prefix}sample_weight has shape {_shape(weight)}; give one weight a row, [B]"
        )
    parts = (*members.values(), *tf.nest.flatten(y), weight)
    tensors = [part for part in parts if part is not None]
    lengths = {t.shape[0] for t in tensors if t.shape.rank and t.shape[0] is not None}
    if len(lengths) > 1:
        raise InputError(
            f"{prefix}x has batches whose parts have {sorted(lengths)} rows; give equally many"
        )


def _unpack_spec(spec, prefix):
    """x, y and sample_weight of an element_spec."""
    wrong = InputError(f"{prefix}x has batches of the structure {_outline(spec)}; {_FORMS}")
    if isinstance(spec, dict) or (isinstance(spec, tuple | list) and len(spec) > 3):
        raise wrong
    x, y, weight = keras.utils.unpack_x_y_sample_weight(spec)
    pair = isinstance(x, tuple | list)
    if pair and (len(x) != 2 or y is None):
        raise wrong
    labels = y.values() if isinstance(y, dict) and not pair else [y]
    parts = [*(x if pair else [x]), *labels, weight]
    if not all(part is None or isinstance(part, tf.TensorSpec) for part in parts):
        raise wrong
    return x, y, weight


def _check_rows(z, size, argument):
    if not (z.dtype.is_floating or z.dtype.is_integer):
        raise InputError(f"{argument} has dtype {z.dtype.name}; give real numbers, as float32")
    if z.shape.rank is not None and (z.shape.rank != 2 or z.shape[1] not in (size, None)):
        raise InputError(f"{argument} has shape {_shape(z)}; give batches [B, {size}]")


def _check_shared(shared, blocks, argument):
    rank = 1 if shared.dtype.is_integer else 2
    known = shared.dtype.is_integer or shared.dtype.is_floating or shared.dtype.is_bool
    fits = shared.shape.rank in (rank, None)
    if fits and rank == 2 and shared.shape.rank == 2:
        fits = shared.shape[1] in (blocks, None)
    if not known or not fits:
        raise InputError(
            f"{argument} has dtype {shared.dtype.name} and shape {_shape(shared)}; give int [B], "
            f"or bool or float [B, {blocks}]"
        )


def _check_labels(labels, factors, argument):
    if isinstance(labels, dict):
        _check_columns(labels, factors, argument)
        return
    rank, columns = labels.shape.rank, len(factors)
    fits = rank is None or (rank == 2 and labels.shape[1] in (columns, None))
    if not factors or not labels.dtype.is_integer or not fits:
        raise InputError(
            f"{argument} has dtype {labels.dtype.name} and shape {_shape(labels)}; give whole "
            f"numbers [B, {columns}], a column for each of {list(factors)} ('shared' goes with "
            "pairs, x = (z_a, z_b))"
        )


def _check_columns(labels, factors, argument):
    """Checks labels by factor: whole numbers, or the points of a continuous factor."""
    if set(labels) != set(factors):
        raise InputError(f"{argument} names {list(labels)}; give one for each of {list(factors)}")
    for name, column in labels.items():
        rank = 1 if column.dtype.is_integer else 2
        numbers = column.dtype.is_integer or column.dtype.is_floating
        if not numbers or column.shape.rank != rank:
            raise InputError(
                f"{argument}[{name!r}] has dtype {column.dtype.name} and shape {_shape(column)}; "
                "give whole numbers [B], or of a continuous factor floats [B, C], its values as "
                "its kernel embeds them"
            )


def _shape(spec):
    return None if spec.shape.rank is None else tuple(spec.shape)


def _outline(spec):
    """The structure of a batch, dtypes and shapes alone."""

    def one(part):
        return f"{part.dtype.name}{_shape(part)}" if hasattr(part, "dtype") else str(part)

    return checks.shown(tf.nest.map_structure(one, spec)).replace("'", "")
