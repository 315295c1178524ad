"""Seeds of samples: one whole number, as TensorFlow and TensorFlow Probability want it."""

from typing import Any

import tensorflow as tf

from iin_tf import checks


def seed_tensor(seed: Any) -> tf.Tensor:
    """A seed as a scalar int64 tensor.

    Args:
      seed: whole number of 64 bits, or scalar integer tensor.

    Raises:
      InputError: `seed` is not a whole number, or has more than 64 bits.
    """
    if tf.is_tensor(seed):
        if not seed.dtype.is_integer or seed.shape.rank not in (0, None):
            raise checks.InputError(f"seed is {checks.shown(seed)}; give one whole number")
        return tf.cast(seed, tf.int64)
    return tf.constant(checks.whole(seed, "seed", -(2**63), 2**63 - 1), tf.int64)


def seed_pair(seed: Any) -> tf.Tensor:
    """A seed as TFP's two int32, high half first.

    TFP draws anew at every call with the same whole number, but not with a pair of them.

    Args, Raises: as `seed_tensor`.
    """
    return tf.reverse(tf.bitcast(seed_tensor(seed), tf.int32), axis=[0])
