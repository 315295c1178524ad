"""Reading and editing factors, the same for every invertible map into named blocks."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from iin_tf import algebra, checks
from iin_tf.factors import FactorLayout
from iin_tf.models.inputs import as_real_tensor, as_rows
from iin_tf.seeds import seed_tensor


class FactorEdits:
    """The public face of a map `z_tilde = T(z)` with a layout of blocks.

    Arrays, tensors and lists of numbers are taken; tensors are returned, of the map's own
    dtype.  A class that inherits this has `layout`, `variable_dtype`, and the two directions
    `_transform` and `_invert` of tensors [B, N].
    """

    layout: FactorLayout

    if TYPE_CHECKING:

        @property
        def variable_dtype(self) -> str: ...

        def _transform(self, z: tf.Tensor) -> tf.Tensor: ...

        def _invert(self, z_tilde: tf.Tensor) -> tf.Tensor: ...

    def transform(self, z: Any) -> tf.Tensor:
        """`z_tilde = T(z)`, [B, N] -> [B, N].

        Raises:
          InputError: not rows of N finite numbers; so does every method here.
        """
        return self._transform(self._rows(z))

    def invert(self, z_tilde: Any) -> tf.Tensor:
        """`z = T^-1(z_tilde)`, [B, N] -> [B, N]: the exact inverse of `transform`."""
        return self._invert(self._rows(z_tilde, "z_tilde"))

    def factors(self, z: Any) -> dict[str, tf.Tensor]:
        """The blocks of T(z) by name: {"residual": [B, N_0], ...}."""
        return self.layout.split(self.transform(z))

    def from_factors(self, parts: Mapping[str, Any]) -> tf.Tensor:
        """`z` [B, N] from blocks by name, the inverse of `factors`."""
        if not isinstance(parts, Mapping):
            raise checks.InputError(f"parts is {checks.shown(parts)}; give blocks by name")
        parts = {name: as_real_tensor(part, f"parts[{name!r}]") for name, part in parts.items()}
        return self.invert(self.layout.merge(parts))

    def swap(self, z: Any, donor: Any, factors: str | Iterable[str]) -> tf.Tensor:
        """`z` with the donor's blocks: row i of `z` receives `factors` of row i of `donor`.

        Args:
          z: float [B, N], the recipients.
          donor: float [B, N], the donors.
          factors: names of the blocks to exchange; "residual" is a name too.

        Returns:
          float [B, N].

        Raises:
          InputError: a name is unknown or given twice, or the lengths differ.
        """
        return self._swap(*self._row_pairs(z, donor), self.layout.mask(factors))

    def erase(
        self, z: Any, factors: str | Iterable[str], by: str = "sample", seed: int = 0
    ) -> tf.Tensor:
        """`z` without what the blocks `factors` say of it.

        Args:
          z: float [B, N].
          factors: names of the blocks to erase; "residual" is a name too.
          by: what takes their place: "sample", a draw from the blocks' marginal N(0, I) for each
            row, or "mean", its mean 0, the same for all rows.
          seed: whole number that fixes the draws.

        Returns:
          float [B, N].

        Raises:
          InputError: a name is unknown or given twice, or `by` or `seed` is wrong.
        """
        checks.choice(by, "by", ("sample", "mean"))
        return self._erase(self._rows(z), self.layout.mask(factors), seed_tensor(seed), by)

    def interpolate(
        self, z: Any, donor: Any, factors: str | Iterable[str], steps: int, path: str = "line"
    ) -> tf.Tensor:
        """From z to `swap(z, donor, factors)`, moving these blocks alone; both ends included.

        Args:
          z: float [B, N], where the ways begin.
          donor: float [B, N], whose blocks they lead to.
          factors: names of the blocks that move.
          steps: number of points, 2 or more.
          path: "line" in z_tilde, or "sphere": along a great circle, which keeps each block's
            norm typical; see `iin_tf.algebra.interpolate`.

        Returns:
          float [B, steps, N].

        Raises:
          InputError: as `swap`; `steps` is below 2, or `path` is unknown.
        """
        steps = checks.whole(steps, "steps", least=2)
        checks.choice(path, "path", ("line", "sphere"))
        z, donor = self._row_pairs(z, donor)
        t = tf.linspace(tf.zeros([], z.dtype), tf.ones([], z.dtype), steps)
        return self._interpolate(z, donor, self.layout.mask(factors), t, path)

    # Compiled for any number of rows, one pass of T each.

    @tf.function(reduce_retracing=True, autograph=False)
    def _swap(self, z, donor, blocks):
        own, other = self._both(z, donor)
        return self._invert(algebra.exchange(self.layout, own, other, blocks))

    @tf.function(reduce_retracing=True, autograph=False)
    def _erase(self, z, blocks, seed, by):
        return self._invert(algebra.erase(self.layout, self._transform(z), blocks, by, seed))

    @tf.function(reduce_retracing=True, autograph=False)
    def _interpolate(self, z, donor, blocks, t, path):
        starts, ends = (rows[:, None] for rows in self._both(z, donor))
        points = algebra.interpolate(self.layout, starts, ends, blocks, t, path)
        flat = self._invert(tf.reshape(points, [-1, self.layout.latent_size]))
        return tf.reshape(flat, tf.shape(points))

    def _both(self, z, donor):
        return tf.split(self._transform(tf.concat([z, donor], 0)), 2)

    # Inputs

    def _rows(self, z, argument="z"):
        return as_rows(z, self.layout, self.variable_dtype, argument)

    def _row_pairs(self, z, donor, arguments=("z", "donor")):
        z, donor = self._rows(z, arguments[0]), self._rows(donor, arguments[1])
        checks.check_same_length(z, donor, arguments)
        return z, donor
