"""One rule for what models accept as images."""

import tensorflow as tf


def unit_images(images):
    """Images as float32 in [0, 1]: whole numbers are grey levels of 255, floats stay as they are.

    Args:
      images: integer tensor or array in 0 .. 255, or floating in [0, 1], of any shape.
    """
    images = tf.convert_to_tensor(images)
    if images.dtype.is_integer:
        return tf.cast(images, tf.float32) / 255.0
    return tf.cast(images, tf.float32)
