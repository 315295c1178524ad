"""From grey handwriting to views of 32 x 32: upscaling, augmentation and colour."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import interpolate, ndimage

from iin_tf.data.examples import Examples
from iin_tf.data.sources.coloring import check_coloring, color_groups, paint

SIZE = 32
# Bounds the floats held at a time; the uint8 views are all that stays.
_CHUNK = 2048


@dataclass(frozen=True)
class Augmentation:
    """Half-widths of the uniform ranges that each augmented view is drawn from.

    Attributes:
      rotation: degrees.
      log_scale: natural log of the zoom, the same for both axes.
      log_aspect: natural log of height over width.
      shear: horizontal shift per unit of height.
      shift: pixels of the 32 x 32 view, each axis.
      log_weight: natural log of the exponent g in stroke**g; below zero thickens.
    """

    rotation: float = 10.0
    log_scale: float = 0.1
    log_aspect: float = 0.08
    shear: float = 0.15
    shift: float = 1.5
    log_weight: float = 0.5


def upscale(images: np.ndarray, box: int, size: int) -> np.ndarray:
    """Scales images by cubic splines and centres them on black.

    Args:
      images: float [n, h, h].
      box: side in pixels that h is scaled to, at most `size`.
      size: side of the result.

    Returns:
      float32 [n, size, size], never negative.
    """
    side = images.shape[1]
    # Zeros around the image make the spline fall off smoothly at its edge.
    margin = 2 + int(np.ceil((size - box) / 2 * side / box))
    knots = np.arange(-margin, side + margin)
    pixels = (np.arange(size) - (size - 1) / 2) * (side / box) + (side - 1) / 2
    basis = interpolate.make_interp_spline(knots, np.eye(len(knots)), k=3)(pixels)
    basis = basis[:, margin : margin + side]
    return np.maximum(basis @ images @ basis.T, 0.0).astype(np.float32)


def colored_views(
    handwriting: np.ndarray,
    digit: np.ndarray,
    source: np.ndarray,
    *,
    views: int,
    images_per_color: int,
    coloring: str,
    augmentation: "Augmentation | None",
    rng: np.random.Generator,
) -> Examples:
    """Coloured 32 x 32 views of handwriting, in colour groups (see `color_groups`).

    The brightest pixel of each view is brought to full intensity, because otherwise a faint
    stroke would be confused with a dark colour.

    Args:
      handwriting: float [n, s, s], bright strokes on 0; the frame s x s becomes the view.
      digit: int [n], the class of each handwriting image.
      source: int [n], its id.
      views: views of each.
      images_per_color: images that share a colour.
      coloring: as in `paint`.
      augmentation: an Augmentation, or None for the handwriting as it is.
      rng: numpy Generator; colours are drawn first, so they do not depend on the augmentation.

    Returns:
      Examples of n * views rows: round after round, each in the order of `handwriting`.
    """
    check_coloring(coloring)
    image, color = color_groups(len(handwriting), views, images_per_color, rng)
    maps, weight = _draw(augmentation or _NONE, len(image), handwriting.shape[1] / SIZE, rng)
    images = np.empty((len(image), SIZE, SIZE, 3), np.uint8)

    def fill(start):
        rows = slice(start, min(start + _CHUNK, len(image)))
        strokes = _warp(handwriting, image[rows], maps[rows])
        peak = strokes.max(axis=(1, 2), keepdims=True)
        strokes /= np.where(peak > 0, peak, 1)
        images[rows] = paint(strokes ** weight[rows, None, None], color[rows], coloring)

    # scipy releases the interpreter's lock while it interpolates.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(fill, range(0, len(image), _CHUNK)))
    labels = {"digit": np.asarray(digit, np.int64)[image], "color": color}
    return Examples(images, labels, np.asarray(source, np.int64)[image])


_NONE = Augmentation(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def _draw(augmentation, count, step, rng):
    """Affine maps [count, 2, 3], and the exponents [count] of the strokes.

    The maps lead from view to handwriting pixels, both about their centres.
    """
    draws = rng.uniform(-1.0, 1.0, (7, count))
    angle = np.deg2rad(augmentation.rotation) * draws[0]
    zoom = augmentation.log_scale * draws[1]
    aspect = 0.5 * augmentation.log_aspect * draws[2]
    shear = augmentation.shear * draws[3]
    cos, sin = np.cos(angle), np.sin(angle)
    down = np.stack([cos, -sin], -1) * np.exp(-zoom - aspect)[:, None]
    across = np.stack([sin + shear * cos, cos - shear * sin], -1) * np.exp(-zoom + aspect)[:, None]
    linear = step * np.stack([down, across], -2)
    offset = np.einsum("nij,jn->ni", linear, augmentation.shift * draws[4:6])
    weight = np.exp(augmentation.log_weight * draws[6]).astype(np.float32)
    return np.concatenate([linear, offset[..., None]], -1), weight


def _warp(handwriting, image, maps):
    """Bilinear views float32 [len(image), 32, 32] of handwriting[image] under `maps`."""
    out = np.empty((len(image), SIZE, SIZE), np.float32)
    middle = (handwriting.shape[1] - 1) / 2
    for view, row, affine in zip(out, image, maps, strict=True):
        linear, offset = affine[:, :2], affine[:, 2]
        start = middle + offset - linear.sum(-1) * (SIZE - 1) / 2
        ndimage.affine_transform(handwriting[row], linear, start, output=view, order=1)
    return out
