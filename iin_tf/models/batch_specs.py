"""What a data set tells of its batches before it is read: structure, dtypes and shapes."""

from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.models.training_arrays import warn_of_fixed_correlation

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

_FORMS = "batches are z, ((z_a, z_b), shared) or ((z_a, z_b), shared, sample_weight)"


def check_spec(network: "InterpretationNetwork", spec: Any, prefix: str) -> None:
    """Checks what a data set's element_spec tells.

    Args:
      network: InterpretationNetwork.
      spec: `tf.data.Dataset.element_spec`.
      prefix: stands before the names of the arguments in messages.

    Raises:
      InputError: the structure, a dtype or a shape is wrong.
    """
    x, shared, weight = _unpack_spec(spec, prefix)
    members = {"z": x} if shared is None else {"z_a": x[0], "z_b": x[1]}
    size, blocks = network.layout.latent_size, len(network.layout.names)
    for name, z in members.items():
        _check_rows(z, size, f"{prefix}{name}")
    if shared is not None:
        _check_shared(shared, blocks, f"{prefix}shared")
        warn_of_fixed_correlation(network, shared.dtype)
    if weight is not None and weight.shape.rank not in (1, None):
        raise InputError(
            f"{prefix}sample_weight has shape {_shape(weight)}; give one weight a row, [B]"
        )
    tensors = [part for part in (*members.values(), shared, weight) if part is not None]
    lengths = {t.shape[0] for t in tensors if t.shape.rank and t.shape[0] is not None}
    if len(lengths) > 1:
        raise InputError(
            f"{prefix}x has batches whose parts have {sorted(lengths)} rows; give equally many"
        )


def _unpack_spec(spec, prefix):
    """x, shared and sample_weight of an element_spec."""
    wrong = InputError(f"{prefix}x has batches of the structure {_outline(spec)}; {_FORMS}")
    if isinstance(spec, dict) or (isinstance(spec, tuple | list) and len(spec) > 3):
        raise wrong
    x, shared, weight = keras.utils.unpack_x_y_sample_weight(spec)
    pair = isinstance(x, tuple | list)
    if (pair and len(x) != 2) or pair != (shared is not None):
        raise wrong
    parts = [*(x if pair else [x]), shared, weight]
    if not all(part is None or isinstance(part, tf.TensorSpec) for part in parts):
        raise wrong
    return x, shared, weight


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


def _shape(spec):
    return None if spec.shape.rank is None else tuple(spec.shape)


def _outline(spec):
    """The structure of a batch, dtypes and shapes alone."""

    def one(part):
        return f"{part.dtype.name}{_shape(part)}" if hasattr(part, "dtype") else str(part)

    return checks.shown(tf.nest.map_structure(one, spec)).replace("'", "")
