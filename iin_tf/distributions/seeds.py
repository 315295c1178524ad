"""Seeds of samples: one whole number, as TensorFlow Probability wants it."""

import numbers

import tensorflow as tf


def seed_pair(seed):
    """A whole number of 64 bits as TFP's two int32, high half first.

    TFP draws anew at every call with the same whole number, but not with a pair of them.

    Args:
      seed: int or scalar integer tensor.

    Raises:
      ValueError: `seed` is not a whole number, or has more than 64 bits.
    """
    if not tf.is_tensor(seed):
        if not isinstance(seed, numbers.Integral) or not -(2**63) <= seed < 2**63:
            raise ValueError(f"seed is {seed!r}; give a whole number from -2^63 to 2^63 - 1")
        seed = tf.constant(seed, tf.int64)
    return tf.reverse(tf.bitcast(tf.cast(seed, tf.int64), tf.int32), axis=[0])
