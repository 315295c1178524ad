"""Layer outputs with positions (pixels, tokens, steps) as vectors, and back where that is exact."""

import math
from typing import Any

import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.choices import POOLINGS

_CHOICES = "'mean', 'max', 'flatten', 'positions' or a whole number, the one position to take"


class Positions:
    """Outputs [B, ..., C] of a layer as vectors [B, M], or [n, C] of all positions.

    "mean" and "max" go over the positions, without those that a mask of padding leaves out:
    M = C, and no way back.  "flatten" keeps all of them, M = their number * C.  A whole number
    takes that position, counted along the rows of the array, padding or not: M = C.
    "positions" makes a vector of each position that is no padding, in order: M = C.

    Args:
      shape: of the layer's output, (None, ..., C), channels last.
      pool: None where there are no positions; otherwise one of these.
      layer: name of the layer, for messages.

    Raises:
      InputError: there are positions and no choice, a choice and no positions, or a size that the
        choice needs is not fixed.
    """

    def __init__(self, shape: tuple, pool: str | int | None, layer: str):
        self.pool = pool
        self._place: int | None = None
        self._shape, self._where = tuple(shape), f"the output of {layer!r} has shape {shape}"
        if len(shape) < 2 or shape[-1] is None:
            raise InputError(f"{self._where}; cut where the last axis has a fixed size")
        if len(shape) == 2 and pool is not None:
            raise InputError(f"pool is {checks.shown(pool)}, but {self._where}; leave pool out")
        if len(shape) > 2:
            self._check_pool()

    def _check_pool(self):
        places = self._shape[1:-1]
        fixed = None not in places
        if self.pool is None:
            raise InputError(f"{self._where} and pool is None; give pool: {_CHOICES}")
        if self.pool == "flatten" and not fixed:
            raise InputError(f"pool is 'flatten', but {self._where}; give a model of fixed sizes")
        if isinstance(self.pool, str):
            checks.choice(self.pool, "pool", POOLINGS)
        else:
            most = math.prod(places) - 1 if fixed else None
            self._place = checks.whole(self.pool, "pool", least=0, most=most)

    @property
    def size(self) -> int:
        """M."""
        return math.prod(self._shape[1:]) if self.pool == "flatten" else self._shape[-1]

    @property
    def has_way_back(self) -> bool:
        """Whether outputs can be made of vectors again, exactly."""
        return self.pool not in ("mean", "max")

    def check_way_back(self) -> None:
        """Raises InputError where there is none."""
        if not self.has_way_back:
            raise InputError(
                f"pool is {self.pool!r}, of which {self._shape[1:]} cannot be made again, so that "
                "there is no head; cut with pool='flatten' or at one position"
            )

    @property
    def needs_output(self) -> bool:
        """Whether `restore` needs what was pooled."""
        return self._place is not None or self.pool == "positions"

    def pooled(self, output: Any, mask: Any = None) -> tf.Tensor:
        """Vectors [B, M] of outputs [B, ..., C]; mask [B, positions] is False at padding."""
        output = tf.cast(output, tf.float32)
        if self.pool is None:
            return output
        if self.pool == "flatten":
            return tf.reshape(output, [-1, self.size])
        rows = self._rows(output)
        if self._place is not None:
            return rows[:, self._place]
        real = self._real(output, mask)
        if self.pool == "positions":
            return tf.boolean_mask(rows, real[..., 0])
        count = tf.reduce_sum(tf.cast(real, tf.float32), axis=1)
        if self.pool == "mean":
            return tf.reduce_sum(tf.where(real, rows, 0), axis=1) / tf.maximum(count, 1)
        largest = tf.reduce_max(tf.where(real, rows, tf.float32.min), axis=1)
        return tf.where(count > 0, largest, 0)

    def places(self, output: Any, mask: Any = None) -> tf.Tensor:
        """The row and the position of each that is no padding, int64 [n, 2], in order."""
        return tf.where(self._real(output, mask)[..., 0])

    def restore(self, z: tf.Tensor, output: Any = None, mask: Any = None) -> tf.Tensor:
        """Outputs [B, ..., C] of vectors z; `output`, with its mask, if `needs_output`."""
        if self.pool is None:
            return z
        if self.pool == "flatten":
            return tf.reshape(z, [-1, *self._shape[1:]])
        rows = self._rows(output)
        if self.pool == "positions":
            rows = tf.tensor_scatter_nd_update(rows, self.places(output, mask), z)
        else:
            place = self._place or 0
            rows = tf.concat([rows[:, :place], z[:, None], rows[:, place + 1 :]], axis=1)
        return tf.reshape(rows, tf.shape(output))

    def _rows(self, output):
        """Outputs as [B, positions, C]."""
        shape = tf.shape(output)
        return tf.reshape(output, [shape[0], tf.reduce_prod(shape[1:-1]), self._shape[-1]])

    def _real(self, output, mask):
        """Which positions are no padding, bool [B, positions, 1]."""
        places = tf.shape(output)[:-1]
        if mask is None:
            real = tf.ones(places, bool)
        else:
            axes = len(self._shape) - 1 - mask.shape.rank
            real = tf.broadcast_to(
                tf.reshape(mask, [*tf.unstack(tf.shape(mask)), *[1] * axes]), places
            )
        return tf.reshape(tf.cast(real, bool), [places[0], tf.reduce_prod(places[1:]), 1])
