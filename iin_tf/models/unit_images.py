"""One rule for what models accept as images."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError

GREY_LEVELS = 255
# Floats may leave [0, 1] by this much, which resizing and half precision do.
SLACK = 1e-2
_TOGETHER = 4096
# What stands between the message and the range, to know it among TensorFlow's words.
_RANGE = "Range here:"
_ASSERTED = re.compile(rf"\[(?P<wanted>[^\[]*)\] \[{_RANGE}\] \[(?P<low>.*?)\] \[(?P<high>.*?)\]")


def unit_images(images: Any, argument: str = "images") -> tf.Tensor:
    """Images as float32 in [0, 1]: whole numbers are grey levels of 255, floats stay as they are.

    Args:
      images: integer tensor or array in 0 .. 255, or floating in [0, 1], of any shape.
      argument: its name in messages.

    Raises:
      InputError: values outside of that range, NaN included, or no numbers.  While a graph is
        traced nothing is known; there the same message is a `tf.errors.InvalidArgumentError`
        of its run.
    """
    images = tf.convert_to_tensor(images)
    highest = _highest(images.dtype, argument)
    with tf.control_dependencies(_range_check(images, highest, argument)):
        # A cast to the same dtype would wait for nothing.
        images = tf.identity(images)
        if images.dtype.is_integer:
            return tf.cast(images, tf.float32) / GREY_LEVELS
        return tf.cast(images, tf.float32)


@contextlib.contextmanager
def readable_errors() -> Iterator[None]:
    """Raises InputError where `unit_images` refused images inside of TensorFlow."""
    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        found = _ASSERTED.search(error.message or "")
        if not found:
            raise
        raise InputError(
            f"values of a batch reach from {found['low']} to {found['high']}; {found['wanted']}"
        ) from None


def checked_image_shape(image_shape: Any) -> tuple[int, int, int]:
    """`image_shape` as (height, width, channels).

    Raises:
      InputError: it is something else.
    """
    if isinstance(image_shape, tuple | list) and len(image_shape) == 3:
        height, width, channels = (checks.whole(n, "image_shape", least=1) for n in image_shape)
        return height, width, channels
    raise InputError(f"image_shape is {checks.shown(image_shape)}; give (height, width, channels)")


def check_images(images: Any, argument: str, image_shape: tuple) -> None:
    """Raises InputError unless `images` is an array [B, *image_shape] that `unit_images` takes."""
    if tuple(images.shape[1:]) != tuple(image_shape):
        raise InputError(
            f"{argument} has shape {tuple(images.shape)}; give images [B, *{tuple(image_shape)}]"
        )
    dtype = tf.as_dtype(images.dtype)
    highest = _highest(dtype, argument)
    if dtype in (tf.uint8, tf.bool):
        return
    # In parts, as some may be read from disk.
    for start in range(0, len(images), _TOGETHER):
        part = np.asarray(images[start : start + _TOGETHER])
        if part.size:
            _check_values(part.min(), part.max(), highest, argument)


def _highest(dtype, argument):
    """The largest value that images of this dtype may have."""
    if dtype.is_integer:
        return GREY_LEVELS
    if dtype.is_floating or dtype.is_bool:
        return 1
    raise InputError(f"{argument} has dtype {dtype.name}; give uint8, or floats in [0, 1]")


def _range_check(images, highest, argument):
    """What must run before `images` are used."""
    if images.dtype in (tf.uint8, tf.bool):
        return []
    slack = 0 if images.dtype.is_integer else SLACK
    inside = tf.reduce_all((images >= -slack) & (images <= highest + slack))
    if tf.executing_eagerly():
        if not inside:
            array = images.numpy()
            _check_values(array.min(), array.max(), highest, argument)
        return []
    ends = [tf.reduce_min(images), tf.reduce_max(images)]
    # The operation itself, and not tf.debugging's branches around it: exports drop it easily.
    data = [_wanted(argument, highest), _RANGE, *ends]
    return [tf.raw_ops.Assert(condition=inside, data=data)]


def _check_values(low, high, highest, argument):
    slack = 0 if highest == GREY_LEVELS else SLACK
    # Written so that NaN fails.
    if not (low >= -slack and high <= highest + slack):
        raise InputError(
            f"{argument}: values reach from {low:g} to {high:g}; {_wanted(argument, highest)}"
        )


def _wanted(argument, highest):
    if highest == GREY_LEVELS:
        return f"{argument} of whole numbers must be grey levels: give 0 to 255"
    return f"{argument} of floats must be fractions: give 0 to 1, or grey levels as uint8"
