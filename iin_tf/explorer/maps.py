"""A map of one block as SVG: points that can be clicked, and walked along by keys."""

from html import escape

import numpy as np
from sklearn.decomposition import PCA

from iin_tf.explorer.colors import point_colors
from iin_tf.explorer.gallery import Gallery

# More points hide each other.
_MOST_POINTS = 600
_SIZE, _MARGIN = 400, 14


class BlockMap:
    """The two leading principal components of a block's codes.

    Args:
      gallery: `Gallery`.
      block: name of the block.
    """

    def __init__(self, gallery: Gallery, block: str):
        self._gallery, self._block = gallery, block
        codes = np.asarray(gallery.codes[:, gallery.layout.slices[block]], np.float64)
        self._pca = PCA(min(2, *codes.shape), svd_solver="full").fit(codes)
        self.rows = np.sort(np.random.default_rng(0).permutation(len(gallery))[:_MOST_POINTS])
        self.points = self.project(codes[self.rows])

    def project(self, codes: np.ndarray) -> np.ndarray:
        """Places [n, 2] of the block's codes [n, N_k]; a block of one column has zeros for y."""
        points = self._pca.transform(codes)
        return np.pad(points, [(0, 0), (0, 2 - points.shape[1])])

    def svg(self, label: str | None, z_tilde: np.ndarray | None = None) -> str:
        """The map, coloured by a label, with a ring around where z_tilde [N] is."""
        gallery, labels = self._gallery, self._gallery.labels
        values = labels[label][self.rows] if label in labels else np.full(len(self.rows), "")
        colors, legend = point_colors(values, label in gallery.periods)
        own = None
        if z_tilde is not None:
            own = self.project(np.asarray(z_tilde)[None, gallery.layout.slices[self._block]])[0]
        drawn = "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{color}" '
            f'data-id="{escape(gallery.ids[row])}"><title>{escape(gallery.caption(row))}</title>'
            "</circle>"
            for row, (x, y), color in zip(self.rows, self._placed(self.points), colors, strict=True)
        )
        ring = "" if own is None else _ring(*self._placed(own[None])[0])
        told = f"Map of the block {self._block}" + (f" by {label}" if label in labels else "")
        keys = "".join(
            f'<li><span style="background:{color}"></span>{escape(meaning)}</li>'
            for color, meaning in legend
        )
        return (
            f'<svg viewBox="0 0 {_SIZE} {_SIZE}" tabindex="0" role="application" '
            f'aria-label="{escape(told)}: arrow keys go from point to point, Enter chooses">'
            f'{drawn}{ring}</svg><p class="here" aria-live="polite"></p>'
            f'<ul class="legend">{keys}</ul>'
        )

    def _placed(self, points):
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        scale = (_SIZE - 2 * _MARGIN) / np.where(high > low, high - low, 1)
        # An edit may lie beyond the examples: at the edge.
        return np.clip(_MARGIN + (points - low) * scale, 4, _SIZE - 4)


def _ring(x: float, y: float) -> str:
    return f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="9" fill="none"></circle>'
