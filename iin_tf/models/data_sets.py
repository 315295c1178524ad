"""Data sets and generators of batches, checked while they are read.

What is known of a `tf.data.Dataset` before it is read (structure, dtypes, shapes) is checked
before the first step; values in its own pipeline, beside the training step, not in it.
"""

import contextlib
import re
import types
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.distributions.grouped_gaussian import UNKNOWN
from iin_tf.models.batch_specs import check_spec
from iin_tf.models.training_arrays import checked_arrays

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

# TensorFlow's words for what a generator raised.
_RAISED = re.compile(r"InputError: (?P<text>.*)")
# TensorFlow's words for a batch whose shape showed as it was read.
_SHAPE = re.compile(
    r"Shape of tensor .*?(?P<found>\[[\d,]*\]) is not compatible with expected shape "
    r"(?P<wanted>\[[\d?,]*\])"
)


def checked(network: "InterpretationNetwork", data: Any, prefix: str = "") -> Any:
    """`data` with every batch checked as it is read.

    Args:
      network: InterpretationNetwork.
      data: tf.data.Dataset, generator or keras.utils.PyDataset of batches z, (z, labels),
        (z, labels, sample_weight), ((z_a, z_b), shared) or ((z_a, z_b), shared,
        sample_weight); other kinds are returned as they are.
      prefix: stands before the names of the arguments in messages.

    Raises:
      InputError: the structure, a dtype or a shape is wrong, or the data set is empty.  What
        is wrong in a batch is raised as it is read; see `readable_errors`.
    """
    if isinstance(data, tf.data.Dataset):
        if data.cardinality() == 0:
            raise InputError(f"{prefix}x is an empty data set; give at least one batch")
        check_spec(network, data.element_spec, prefix)
        check = _batch_check(network, prefix)
        return data.enumerate().map(check)
    if isinstance(data, types.GeneratorType):
        return _checked_generator(network, data, prefix)
    if isinstance(data, keras.utils.PyDataset):
        return _CheckedPyDataset(network, data, prefix)
    return data


@contextlib.contextmanager
def readable_errors(network: "InterpretationNetwork") -> Iterator[None]:
    """Raises InputError where a checked batch was refused inside of TensorFlow.

    Several replicas may take the error of a data set for its end, so that what was refused is
    looked at whether an error arrives or not.
    """
    network.refusals.clear()
    try:
        yield
    except tf.errors.OpError as error:
        if network.refusals:
            raise InputError(network.refusals[0]) from None
        raised, shape = (kind.search(error.message or "") for kind in (_RAISED, _SHAPE))
        if raised:
            raise InputError(raised["text"]) from None
        if shape:
            wanted = shape["wanted"].replace("?", "B")
            raise InputError(
                f"a batch holds rows of shape {shape['found']}; give {wanted}"
            ) from None
        raise
    if network.refusals:
        raise InputError(network.refusals[0])


def _batch_check(network, prefix):
    """A function for `Dataset.map`: (number of the batch, batch) to the batch, if it is right."""

    def check(number, *batch):
        element = _with_known_shapes(batch if len(batch) > 1 else batch[0], network)
        refusals = [
            _refuse(network.refusals, wrong, prefix + text, number)
            for wrong, text in _faults(network, element)
        ]
        with tf.control_dependencies(refusals):
            return tf.nest.map_structure(tf.identity, element)

    return tf.autograph.experimental.do_not_convert(check)


def _refuse(refusals, wrong, text, number):
    """An operation that fails where anything is `wrong`, and notes the message in `refusals`."""

    def note(batch, row):
        refusals.append(text % {"batch": batch, "row": row})
        return False

    right = tf.cond(
        tf.reduce_any(wrong),
        lambda: tf.ensure_shape(tf.numpy_function(note, [number, _first(wrong)], tf.bool), []),
        lambda: tf.constant(True),
    )
    return tf.debugging.Assert(right, [text])


def _with_known_shapes(element, network):
    """`element` with as many columns as there must be, where that was not known."""
    x, y, weight = keras.utils.unpack_x_y_sample_weight(element)
    size = network.layout.latent_size
    if y is None or isinstance(y, dict):
        pass  # of labels by factor the shapes are known, or they were refused
    elif not isinstance(x, tuple | list):
        y = tf.ensure_shape(y, [None, len(network.layout.factor_names)])
    else:
        columns = [] if y.dtype.is_integer else [len(network.layout.names)]
        y = tf.ensure_shape(y, [None, *columns])
    x = tf.nest.map_structure(lambda z: tf.ensure_shape(z, [None, size]), x)
    if weight is not None:
        weight = tf.ensure_shape(weight, [None])
    return keras.utils.pack_x_y_sample_weight(x, y, weight)


def _faults(network, element):
    """What can be wrong with a batch: pairs of bool (a row each, or one), and the message."""
    x, y, weight = keras.utils.unpack_x_y_sample_weight(element)
    members = {"z_a": x[0], "z_b": x[1]} if isinstance(x, tuple | list) else {"z": x}
    for name, z in members.items():
        yield (
            ~tf.reduce_all(tf.math.is_finite(tf.cast(z, network.variable_dtype)), axis=1),
            f"{name}: row %(row)s of batch %(batch)s is not finite; drop it or mend what makes it",
        )
    if y is not None and "z" in members:
        yield from _faults_of_labels(y)
    elif y is not None:
        yield (
            _out_of_range(network, y),
            "shared is out of range in row %(row)s of batch %(batch)s; give block numbers from -1 "
            f"to {len(network.layout.names) - 1}, or correlations in [0, 1)",
        )
    if weight is not None:
        weight = tf.cast(weight, network.variable_dtype)
        yield (
            ~(tf.math.is_finite(weight) & (weight >= 0)),
            "sample_weight is negative or not finite in row %(row)s of batch %(batch)s; give 0 or "
            "more",
        )
    parts = (*members.values(), *tf.nest.flatten(y), weight)
    parts = [part for part in parts if part is not None]
    lengths = tf.stack([tf.shape(part)[0] for part in parts])
    yield (
        tf.reduce_any(lengths != lengths[0]),
        "the parts of batch %(batch)s differ in their number of rows; give one for each other",
    )


def _faults_of_labels(labels):
    """What can be wrong with labels [B, K], or with those of each factor."""
    columns = (
        {f"labels[{name!r}]": one for name, one in labels.items()}
        if isinstance(labels, dict)
        else {"labels": labels}
    )
    for name, column in columns.items():
        if column.dtype.is_floating:
            yield (
                tf.reduce_any(tf.math.is_inf(column), axis=1),
                f"{name} is infinite in row %(row)s of batch %(batch)s; give NaN where it is "
                "unknown",
            )
            continue
        low = column < UNKNOWN
        yield (
            tf.reduce_any(low, axis=1) if low.shape.rank == 2 else low,
            f"{name} is below {UNKNOWN} in row %(row)s of batch %(batch)s; give {UNKNOWN} where a "
            "label is unknown, and 0 or more elsewhere",
        )


def _out_of_range(network, shared):
    """Which rows of `shared` are impossible."""
    if shared.dtype.is_bool:
        return tf.zeros(tf.shape(shared)[:1], tf.bool)
    if shared.dtype.is_integer:
        return (shared < -1) | (shared >= len(network.layout.names))
    rho = tf.cast(shared, network.variable_dtype)
    # Nothing but comparisons that hold will do for NaN.
    return ~tf.reduce_all((rho >= 0) & (rho < 1), axis=1)


def _first(wrong):
    return tf.argmax(tf.cast(wrong, tf.int32)) if wrong.shape.rank else tf.constant(-1, tf.int64)


def _checked_batch(network, batch, prefix):
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)
    return keras.utils.pack_x_y_sample_weight(*checked_arrays(network, x, y, sample_weight, prefix))


def _checked_generator(network, batches, prefix):
    number = -1
    for number, batch in enumerate(batches):
        yield _checked_batch(network, batch, f"{prefix}batch {number}, ")
    if number < 0:
        raise InputError(f"{prefix}x is an empty generator; give at least one batch")


class _CheckedPyDataset(keras.utils.PyDataset):
    """A PyDataset whose batches are checked."""

    def __init__(self, network, data, prefix):
        super().__init__(data.workers, data.use_multiprocessing, data.max_queue_size)
        self._network, self._data, self._prefix = network, data, prefix

    @property
    def num_batches(self):
        return self._data.num_batches

    def __getitem__(self, index):
        prefix = f"{self._prefix}batch {index}, "
        return _checked_batch(self._network, self._data[index], prefix)

    def on_epoch_begin(self):
        self._data.on_epoch_begin()

    def on_epoch_end(self):
        self._data.on_epoch_end()
