"""Random colours for handwriting, and painting with them."""

import numpy as np

from iin_tf.checks import choice, whole
from iin_tf.data.stateless import MOST

COLORINGS = ("strokes", "published")


def color_groups(
    images: int, views: int, images_per_color: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Plans `views` coloured views of each image so that images share their colours.

    Each colour, uniform in the RGB cube, is used by `images_per_color` different images drawn at
    random (by a few more where that does not divide `images`), and each image occurs once in each
    of the `views` rounds, every time in another colour.

    Args:
      images: number n of handwriting images.
      views: rounds, in which each image occurs once.
      images_per_color: images that share a colour, 1 to n.
      rng: numpy Generator.

    Returns:
      (image, color): int64 [n * views], the index of the image, and float32 [n * views, 3].
    """
    images_per_color = whole(images_per_color, "images_per_color", least=1, most=images)
    views = whole(views, "views", least=1, most=MOST // images)
    groups = images // images_per_color
    palette = rng.random((views, groups, 3), dtype=np.float32)
    # A random rank modulo the number of groups puts each image into one group of its round.
    rank = rng.permuted(np.tile(np.arange(images), (views, 1)), axis=1)
    color = palette[np.arange(views)[:, None], rank % groups]
    return np.tile(np.arange(images), views), color.reshape(-1, 3)


def paint(strokes: np.ndarray, color: np.ndarray, coloring: str = "strokes") -> np.ndarray:
    """Paints strokes with one colour an image.

    "strokes": strokes * color, on black.  "published": (2 strokes - 1) * color in [-1, 1], as the
    published ColorMNIST has it, so that the background takes the negative colour.

    Args:
      strokes: float [n, h, w] in [0, 1].
      color: float [n, 3], RGB in [0, 1].
      coloring: one of COLORINGS.

    Returns:
      uint8 [n, h, w, 3].

    Raises:
      InputError: `coloring` is none of the two.
    """
    check_coloring(coloring)
    strokes, color = strokes[..., None], color[:, None, None, :]
    light = strokes * color if coloring == "strokes" else 0.5 + (strokes - 0.5) * color
    return (255.0 * light + 0.5).astype(np.uint8)


def check_coloring(coloring: object) -> str:
    """`coloring`, one of COLORINGS."""
    return choice(coloring, "coloring", COLORINGS)
