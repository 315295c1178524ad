"""Ways through a block: its principal axes, and the circle of a factor that goes round."""

import dataclasses
from collections.abc import Mapping

import numpy as np
from sklearn.decomposition import PCA

from iin_tf import algebra
from iin_tf.checks import InputError
from iin_tf.explorer.view import Change, View
from iin_tf.factors import FactorLayout

# Sliders of a block.
MOST_AXES = 3


@dataclasses.dataclass(frozen=True)
class Circle:
    """Where a factor that goes round lies in its block: `center + cos a + sin b`.

    Attributes:
      period: of the factor, in its own unit.
      center: float [N_k].
      plane: float [2, N_k], what cosine and sine are multiplied by.
    """

    period: float
    center: np.ndarray
    plane: np.ndarray

    @classmethod
    def fit(cls, codes: np.ndarray, values: np.ndarray, period: float) -> "Circle":
        """By least squares from codes [n, N_k] of examples with these values [n]."""
        angle = 2 * np.pi / period * np.asarray(values, np.float64).reshape(-1)
        design = np.stack([np.ones_like(angle), np.cos(angle), np.sin(angle)], axis=1)
        center, *plane = np.linalg.lstsq(design, np.asarray(codes, np.float64), rcond=None)[0]
        return cls(period, center, np.stack(plane))

    def turned(self, codes: np.ndarray, turn: float) -> np.ndarray:
        """Codes [..., N_k], each turned by `turn` from where it stands; its distance stays."""
        place = np.linalg.lstsq(self.plane.T, (codes - self.center).T, rcond=None)[0].T
        angle = 2 * np.pi / self.period * turn
        cos, sin = np.cos(angle), np.sin(angle)
        turned = place @ np.array([[cos, sin], [-sin, cos]])
        return codes + (turned - place) @ self.plane


class Directions:
    """The ways through all blocks, as held-out codes show them.

    Args:
      layout: FactorLayout.
      codes: float [n, N], z_tilde of real examples.
      circles: mapping block -> `Circle`.
    """

    def __init__(
        self, layout: FactorLayout, codes: np.ndarray, circles: Mapping[str, Circle] | None = None
    ):
        self._layout, self.circles = layout, dict(circles or {})
        # Rows as long as the codes spread along them.
        self.axes = {name: _axes(part) for name, part in layout.split(codes).items()}

    def moved(self, z_tilde: np.ndarray, donor_tilde: np.ndarray, view: View) -> np.ndarray:
        """Rows z_tilde [B, N] as the view changes them, with the donor's rows [B, N]."""
        for block, change in view.changes.items():
            z_tilde = self._changed(z_tilde, donor_tilde, block, change, view)
        return z_tilde

    def _changed(self, z_tilde, donor_tilde, block, change: Change, view: View):
        layout = self._layout
        if change.towards:
            part = np.full(len(z_tilde), change.towards, z_tilde.dtype)
            z_tilde = algebra.interpolate(
                layout, z_tilde, donor_tilde, [block], part, path=view.path
            )
        if change.erase:
            z_tilde = algebra.erase(layout, z_tilde, [block], change.erase, view.seed)
        z_tilde = np.array(z_tilde)
        columns = layout.slices[block]
        if change.turn:
            z_tilde[:, columns] = self._circle(block).turned(z_tilde[:, columns], change.turn)
        if any(change.axes):
            z_tilde[:, columns] += self._along(block, change.axes)
        if change.walk:
            path = algebra.walk(layout, z_tilde, [block], change.walk + 1, seed=view.seed)
            z_tilde = path[:, -1]
        return z_tilde

    def _circle(self, block):
        if block not in self.circles:
            raise InputError(
                f"turn of {block!r} is given, but only {list(self.circles)} go round; leave it out"
            )
        return self.circles[block]

    def _along(self, block, moves):
        axes = self.axes[block]
        if len(moves) > len(axes):
            raise InputError(
                f"axes of {block!r} has {len(moves)} moves; give at most {len(axes)}, one an axis"
            )
        return np.asarray(moves) @ axes[: len(moves)]


def _axes(codes: np.ndarray) -> np.ndarray:
    """The leading principal axes [k, N_k] of codes [n, N_k], each a standard deviation long."""
    count = min(MOST_AXES, *codes.shape)
    found = PCA(count, svd_solver="full").fit(np.asarray(codes, np.float64))
    return found.components_ * np.sqrt(found.explained_variance_)[:, None]
