"""Dimensions of a representation that carry nothing: left out, and put back exactly."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.spread import rounded_to_one_value

# Beside the widest dimension, what is narrower than this is left by arithmetic, not by data.
_DEAD = 1e-12


class ConstantDimensions:
    """The constant dimensions of a representation of M dimensions, and their values.

    A constant dimension, such as a unit behind a ReLU that never fires, has no density: no scale
    standardises it, and noise in proportion to its spread is none.  `leave_out` takes z [..., M]
    to the N = M - D dimensions that vary, in their order; `put_back` is its inverse on
    representations whose constant dimensions have their values.

    Args:
      size: M.
      values: mapping dimension -> its value.

    Raises:
      InputError: a dimension that does not exist, a value that is not finite, or nothing is left.
    """

    def __init__(self, size: int, values: Mapping[int, float]):
        self.size = checks.whole(size, "size", least=1)
        if not isinstance(values, Mapping):
            raise InputError(
                f"values is {checks.shown(values)}; give a mapping dimension -> its value"
            )
        pairs = [
            (checks.whole(d, "dimension", least=0, most=size - 1), checks.number(v, f"values[{d}]"))
            for d, v in values.items()
        ]
        self.values = {dimension: float(np.float32(value)) for dimension, value in sorted(pairs)}
        if len(self.values) == size:
            raise InputError(f"all {size} dimensions are constant; nothing is left to interpret")
        self._kept = np.setdiff1d(np.arange(size), list(self.values)).astype(np.int32)
        # Where each dimension stands in [what varies, what is constant].
        self._places = np.argsort([*self._kept, *self.values]).astype(np.int32)

    @classmethod
    def find(cls, z: np.ndarray) -> "ConstantDimensions":
        """Those of representations `z` [n, M] of many examples.

        A dimension is constant whose standard deviation is at most 1e-6 of its largest absolute
        value, the rounding of float32, or at most 1e-12 of the widest dimension's deviation.

        Raises:
          InputError: no rows, a row that is not finite, or every dimension is constant.
        """
        z = checks.real_array(z, "z")
        checks.check_matrix(z, "z")
        if len(z) < 2:
            raise InputError(f"z has {len(z)} rows; give two examples or more")
        checks.check_finite_rows(z, "z")
        spread = z.std(axis=0, dtype=np.float64)
        constant = rounded_to_one_value(z, spread) | (spread <= _DEAD * spread.max())
        middle = np.median(z[:, constant], axis=0)
        return cls(z.shape[1], dict(zip(np.flatnonzero(constant), middle, strict=True)))

    @property
    def kept_size(self) -> int:
        """N, the number of dimensions that vary."""
        return len(self._kept)

    def leave_out(self, z: Any) -> Any:
        """The dimensions of `z` [..., M] that vary, [..., N]; an array for an array."""
        if isinstance(z, np.ndarray):
            return z[..., self._kept]
        return tf.gather(z, self._kept, axis=-1)

    def put_back(self, z: Any) -> Any:
        """The representation [..., M] whose varying dimensions are `z` [..., N]."""
        if isinstance(z, np.ndarray):
            values = np.array([*self.values.values()], z.dtype)
            rest = np.broadcast_to(values, (*z.shape[:-1], len(values)))
            return np.concatenate([z, rest], axis=-1)[..., self._places]
        values = tf.constant([*self.values.values()], z.dtype)
        rest = tf.broadcast_to(values, tf.concat([tf.shape(z)[:-1], [len(self.values)]], 0))
        return tf.gather(tf.concat([z, rest], axis=-1), self._places, axis=-1)

    def __repr__(self) -> str:
        return f"ConstantDimensions({self.size}, {self.values})"


def given_dimensions(drop: Any, size: int) -> ConstantDimensions | None:
    """The argument `drop` of a first stage of `size` dimensions; None where none are given yet.

    Raises:
      InputError: it is not None, "constant" or `ConstantDimensions` of that size.
    """
    if drop is None or (isinstance(drop, str) and drop == "constant"):
        return None
    if not isinstance(drop, ConstantDimensions):
        raise InputError(
            f"drop is {checks.shown(drop)}; give None, 'constant' or a ConstantDimensions"
        )
    if drop.size != size:
        raise InputError(
            f"drop is of {drop.size} dimensions, but the representation has {size}; give one that "
            "was found on it"
        )
    return drop
