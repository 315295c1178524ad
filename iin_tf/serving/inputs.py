"""What an endpoint's inputs must be, checked inside of its graph."""

from collections.abc import Mapping, Sequence

import tensorflow as tf


def checked(
    tensors: Sequence[tf.Tensor],
    specs: Sequence[tf.TensorSpec],
    ranges: Mapping[str, tuple[float, float]],
) -> list[tf.Tensor]:
    """The inputs, each of which waits for the checks of all.

    Shapes, because broadcasting would turn a wrong one into a wrong answer; equal numbers of
    rows; finite numbers; and the range where one is given.  Messages name the input.

    Args:
      tensors: the inputs, one row an example.
      specs: what each must be, with its name.
      ranges: mapping name -> least and largest value.
    """
    tensors = [
        tf.ensure_shape(tensor, spec.shape) for tensor, spec in zip(tensors, specs, strict=True)
    ]
    conditions = [*_rows(tensors, specs)]
    for tensor, spec in zip(tensors, specs, strict=True):
        if spec.dtype.is_floating:
            conditions.append(_finite(tensor, spec.name))
        if spec.name in ranges:
            conditions.append(_inside(tensor, spec.name, *ranges[spec.name]))
    # The operation itself, and not tf.debugging's branches around it: other runtimes drop it.
    with tf.control_dependencies(
        [tf.raw_ops.Assert(condition=right, data=message) for right, message in conditions]
    ):
        return [tf.identity(tensor) for tensor in tensors]


def _rows(tensors, specs):
    first, *others = (tf.shape(tensor)[0] for tensor in tensors)
    for count, spec in zip(others, specs[1:], strict=True):
        message = f"{specs[0].name} and {spec.name} differ in their number of rows"
        yield tf.equal(first, count), [message, first, count]


def _finite(tensor, name):
    flat = tf.reshape(tensor, [tf.shape(tensor)[0], -1])
    rows = tf.reduce_all(tf.math.is_finite(flat), axis=1)
    # Rows before the first that is not finite; argmin has no answer for no rows.
    before = tf.reduce_sum(tf.math.cumprod(tf.cast(rows, tf.int32)))
    return tf.reduce_all(rows), [f"{name} is not finite in row", before]


def _inside(tensor, name, low, high):
    right = tf.reduce_all((tensor >= low) & (tensor <= high))
    message = f"{name} leaves its range; give {low:g} to {high:g}, not"
    return right, [message, tf.reduce_min(tensor), tf.reduce_max(tensor)]
