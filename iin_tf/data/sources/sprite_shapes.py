"""The outlines of the sprites, none with a rotational symmetry, and the distance to them."""

import numpy as np

# Vertices in order around the outline; x points to the right, y upwards.  Few vertices, because
# the distance costs one pass an edge; thick strokes, because the smallest sprite must fill whole
# pixels.
_OUTLINES = {
    "arrow": [
        (1.0, 0.0),
        (0.05, 0.85),
        (0.05, 0.34),
        (-0.9, 0.34),
        (-0.9, -0.34),
        (0.05, -0.34),
        (0.05, -0.85),
    ],
    "ell": [(1.0, -0.6), (1.0, 0.0), (-0.35, 0.0), (-0.35, 0.75), (-1.0, 0.75), (-1.0, -0.6)],
    "drop": [(1.1, 0.0), (-0.25, 0.62), (-0.7, 0.42), (-0.88, 0.0), (-0.7, -0.42), (-0.25, -0.62)],
    "flag": [
        (-0.05, -1.0),
        (-0.05, -0.15),
        (0.95, 0.45),
        (-0.05, 1.0),
        (-0.55, 1.0),
        (-0.55, -1.0),
    ],
}


def _normalised(outline):
    """The polygon with its centre of area at the origin and its farthest vertex at distance 1."""
    a = np.asarray(outline, dtype=np.float64)
    b = np.roll(a, -1, axis=0)
    cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    centre = ((a + b) * cross[:, None]).sum(axis=0) / (3 * cross.sum())
    a = a - centre
    return a / np.linalg.norm(a, axis=1).max()


SHAPES = tuple(_OUTLINES)
POLYGONS = tuple(_normalised(outline) for outline in _OUTLINES.values())


def signed_distance(x: np.ndarray, y: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Distance to the outline of a simple polygon, negative inside.

    Args:
      x: float array, the points' first coordinates.
      y: float array of the same shape, their second ones.
      polygon: [vertices, 2], in order; it need not be convex.

    Returns:
      float array of that shape, in units of the coordinates.
    """
    nearest = np.full_like(x, np.inf)
    inside = np.zeros(x.shape, dtype=bool)
    for (ax, ay), (bx, by) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        # Python floats keep float32 points in float32.
        ax, ay, ex, ey = float(ax), float(ay), float(bx - ax), float(by - ay)
        px, py = x - ax, y - ay
        along = np.clip((px * ex + py * ey) / (ex * ex + ey * ey), 0.0, 1.0)
        nearest = np.minimum(nearest, (px - along * ex) ** 2 + (py - along * ey) ** 2)
        # Even-odd rule: a ray to the right crosses the edge.
        if ey != 0.0:
            spans = (py >= 0.0) != (y >= float(by))
            inside ^= spans & ((px - py * (ex / ey)) < 0.0)
    return np.where(inside, -1.0, 1.0).astype(x.dtype) * np.sqrt(nearest)
