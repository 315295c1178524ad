"""Coloured sprites on black, rendered with exact labels: any number of them."""

from collections.abc import Mapping

import numpy as np

from iin_tf.checks import InputError, choice, real_array, whole
from iin_tf.data.examples import Examples
from iin_tf.data.labels import mapping
from iin_tf.data.sources.sprite_shapes import POLYGONS, SHAPES, signed_distance
from iin_tf.data.stateless import MOST

SCALES = (0.45, 0.7)
# |x| or |y| + largest scale + the blurred half pixel of the outline does not reach the centre of
# the outermost pixel: 0.23 + 0.7 + 1/32 < 1 - 1/32.
POSITIONS = (-0.23, 0.23)
# Far enough from black that a sprite and each of its channels can be seen.
LEVELS = (77, 255)
# Below this the strokes of the smallest sprite fill no whole pixel with their colour.
SMALLEST_SIZE = 32
_LARGEST_SIZE = 4096
# Keeps the arrays of one pass over an edge in the processor's cache.
_CHUNK = 128
# What an image follows from.
_POSE = ("shape", "scale", "orientation", "x", "y", "color")


def sprites(count: int, seed: int = 0, size: int = 32) -> Examples:
    """Sprites whose shape, scale, orientation, position and colour are drawn independently.

    Every factor is uniform and has its own stream of random numbers, so the labels do not depend
    on `size`.  No shape has a rotational symmetry: the orientation can be seen in every image.

    Args:
      count: number of sprites n, at least 1.
      seed: whole number of at least 0; give the parts of a split different seeds.
      size: side of the images in pixels, at least 32.

    Returns:
      Examples, x uint8 [n, size, size, 3], each a `source` of its own, with labels

      - "shape": int64 [n], index into `SHAPES`;
      - "scale": float64 [n], distance from the centre of area to the farthest point of the
        outline, in units of half the frame's side;
      - "orientation": float64 [n], radians in [0, 2 pi), counter-clockwise;
      - "x", "y": float64 [n], centre of area, in the unit of "scale" from the frame's centre,
        x to the right, y upwards;
      - "color": float32 [n, 3], RGB in [0.3, 1], multiples of 1/255.

    Raises:
      InputError: count, seed or size out of range.
    """
    count, seed = whole(count, "count", least=1, most=MOST), whole(seed, "seed", least=0)
    check_size(size)
    labels = _draw_labels(count, seed)
    return Examples(render_sprites(labels, size), labels, np.arange(count))


def sprite_views(count: int, views: int, changes: str, seed: int = 0, size: int = 32) -> Examples:
    """Sprites in several views each, which differ in one factor only.

    Args:
      count: number of originals n, at least 1.
      views: views of each, at least 2.
      changes: name of the label in which they differ; the others are those of the original.
      seed: as in `sprites`.
      size: as in `sprites`.

    Returns:
      Examples, x uint8 [n * views, size, size, 3] and labels as those of `sprites`;
      the views of one original stand together, and share its `source`, 0 to n - 1.

    Raises:
      InputError: a number out of range, or a label that does not exist.
    """
    count, views = (
        whole(count, "count", least=1, most=MOST),
        whole(views, "views", least=2, most=MOST // count),
    )
    seed = whole(seed, "seed", least=0)
    check_size(size)
    labels = _draw_labels(count * views, seed)
    choice(changes, "changes", labels)
    labels |= {
        name: np.repeat(values[::views], views, axis=0)
        for name, values in labels.items()
        if name != changes
    }
    return Examples(render_sprites(labels, size), labels, np.repeat(np.arange(count), views))


def _draw_labels(count, seed):
    streams = (np.random.default_rng([seed, factor]) for factor in range(6))
    return {
        "shape": next(streams).integers(len(SHAPES), size=count),
        "scale": next(streams).uniform(*SCALES, size=count),
        "orientation": next(streams).random(count) * (2 * np.pi),
        "x": next(streams).uniform(*POSITIONS, size=count),
        "y": next(streams).uniform(*POSITIONS, size=count),
        "color": color_of_levels(next(streams).integers(LEVELS[0], LEVELS[1] + 1, (count, 3))),
    }


def render_sprites(labels: Mapping[str, np.ndarray], size: int = 32) -> np.ndarray:
    """The images that belong to labels.

    A pixel is colour * clip(1/2 - d, 0, 1) with d the signed distance of its centre to the
    outline in pixels: an edge is blurred over one pixel, the inside has exactly the colour.

    Args:
      labels: mapping with "shape", "scale", "orientation", "x", "y" and "color" as `sprites`
        gives them.
      size: side of the images in pixels, at least 32.

    Returns:
      uint8 [n, size, size, 3].

    Raises:
      InputError: size out of range, or a shape that does not exist.
    """
    check_size(size)
    labels = _checked(labels)
    shape = labels["shape"]
    if shape.size and (shape.min() < 0 or shape.max() >= len(SHAPES)):
        raise InputError(
            f"labels['shape'] reaches from {shape.min()} to {shape.max()}; "
            f"give 0 to {len(SHAPES) - 1}"
        )
    images = np.empty((len(shape), size, size, 3), dtype=np.uint8)
    for index, polygon in enumerate(POLYGONS):
        rows = np.flatnonzero(shape == index)
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            light = np.float32(255) * labels["color"].astype(np.float32)[chunk, None, None]
            pose = (labels[name][chunk] for name in ("scale", "orientation", "x", "y"))
            images[chunk] = _coverage(polygon, size, *pose)[..., None] * light + np.float32(0.5)
    return images


def _checked(labels):
    """The labels that an image follows from, arrays of one length."""
    labels = mapping(labels, "labels")
    missing = [name for name in _POSE if name not in labels]
    if missing:
        raise InputError(f"labels lacks {missing}; give {list(_POSE)}")
    arrays = {name: real_array(labels[name], f"labels[{name!r}]") for name in _POSE}
    count = len(arrays["shape"]) if arrays["shape"].ndim else 0
    for name, values in arrays.items():
        wanted = (count, 3) if name == "color" else (count,)
        if values.shape != wanted:
            raise InputError(f"labels[{name!r}] has shape {values.shape}; give {wanted}")
        if not np.isfinite(values).all():
            raise InputError(f"labels[{name!r}] is not finite; leave such rows out")
    return arrays


def color_of_levels(levels: np.ndarray) -> np.ndarray:
    """RGB in [0, 1] of whole levels from 0 to 255, which uint8 images hold without rounding."""
    return (levels / 255).astype(np.float32)


def check_size(size: object) -> int:
    """`size`, a number of pixels in which a sprite can be drawn."""
    return whole(size, "size", least=SMALLEST_SIZE, most=_LARGEST_SIZE)


def _coverage(polygon, size, scale, orientation, x, y):
    """How much of each pixel the sprite covers, float32 [n, size, size] in [0, 1]."""
    pixels = ((np.arange(size) + 0.5) * (2 / size) - 1).astype(np.float32)
    scale, orientation, x, y = (
        np.asarray(values, np.float32)[:, None, None] for values in (scale, orientation, x, y)
    )
    right, up = pixels[None, None, :] - x, -pixels[None, :, None] - y
    # Turning the pixels back lets all sprites of a shape share one outline.
    cos, sin = np.cos(orientation) / scale, np.sin(orientation) / scale
    distance = signed_distance(cos * right + sin * up, cos * up - sin * right, polygon)
    return np.clip(np.float32(0.5) - distance * (scale * np.float32(size / 2)), 0, 1)
