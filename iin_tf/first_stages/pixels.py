"""Images as a data set has them, made into what a model takes."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.choices import PIXELS


class Pixels:
    """Images [B, height, width, channels] of whole numbers 0 .. 255, as a model takes them.

    Args:
      image_shape: (height, width, channels) of the images.
      values: "0..255", "0..1" or "-1..1", what the model takes.
      size: (height, width) that images are resized to (bilinear, anti-aliased); None for their
        own.
      channels: that the model takes; grey images are repeated to 3.
      then: function of float32 images that comes last, such as an application's
        `preprocess_input`.

    Raises:
      InputError: the images have other channels than the model, or an argument is out of range.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        values: str = "0..255",
        size: tuple[int, int] | None = None,
        channels: int = 3,
        then: Callable | None = None,
    ):
        self._shape = tuple(image_shape)
        self._factor, self._offset = PIXELS[checks.choice(values, "values", PIXELS)]
        self._size = self._shape[:2] if size is None else tuple(size)
        self._channels, self._then = channels, then
        if self._shape[-1] not in (1, channels):
            grey = "" if channels == 1 else ", or grey ones, which are repeated"
            raise InputError(
                f"the images have {self._shape[-1]} channels, and the model takes {channels}; give "
                f"images of {channels}{grey}"
            )

    @property
    def input_spec(self) -> tf.TensorSpec:
        """What an exported first stage asks for: the images as the data set has them."""
        return tf.TensorSpec([None, *self._shape], tf.uint8)

    @property
    def output_shape(self) -> tuple:
        """(None, height, width, channels) of what the model gets."""
        return (None, *self._size, self._channels)

    def __call__(self, x: Any) -> tf.Tensor:
        x = tf.cast(x, tf.float32)
        if self._size != self._shape[:2]:
            x = tf.image.resize(x, self._size, antialias=True)
        if self._channels != self._shape[-1]:
            x = tf.repeat(x, self._channels, axis=-1)
        x = x * self._factor + self._offset
        return x if self._then is None else self._then(x)
