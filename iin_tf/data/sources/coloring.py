"""Random colours for handwriting, and painting with them."""

import numpy as np

COLORINGS = ("strokes", "published")


def color_groups(images, views, images_per_color, rng):
    """Plans `views` coloured views of each image so that images share their colours.

    Each colour, uniform in the RGB cube, is used by `images_per_color` different images drawn at
    random (by a few more where that does not divide `images`), and each image occurs once in each
    of the `views` rounds, every time in another colour.

    Arguments:
      images: number n of handwriting images.
      rng: numpy Generator.

    Returns:
      (image, color): int64 [n * views], the index of the image, and float32 [n * views, 3].
    """
    if not 1 <= images_per_color <= images:
        raise ValueError(
            f"images_per_color is {images_per_color}; give 1 to {images}, the number of images"
        )
    if views < 1:
        raise ValueError(f"views is {views}; give 1 or more")
    groups = images // images_per_color
    palette = rng.random((views, groups, 3), dtype=np.float32)
    # A random rank modulo the number of groups puts each image into one group of its round.
    rank = rng.permuted(np.tile(np.arange(images), (views, 1)), axis=1)
    color = palette[np.arange(views)[:, None], rank % groups]
    return np.tile(np.arange(images), views), color.reshape(-1, 3)


def paint(strokes, color, coloring="strokes"):
    """Paints strokes with one colour an image.

    "strokes": strokes * color, on black.  "published": (2 strokes - 1) * color in [-1, 1], as the
    published ColorMNIST has it, so that the background takes the negative colour.

    Arguments:
      strokes: float [n, h, w] in [0, 1].
      color: float [n, 3], RGB in [0, 1].

    Returns:
      uint8 [n, h, w, 3].

    Raises:
      ValueError: `coloring` is none of the two.
    """
    check_coloring(coloring)
    strokes, color = strokes[..., None], color[:, None, None, :]
    light = strokes * color if coloring == "strokes" else 0.5 + (strokes - 0.5) * color
    return (255.0 * light + 0.5).astype(np.uint8)


def check_coloring(coloring):
    """Raises ValueError unless `coloring` is one of COLORINGS."""
    if coloring not in COLORINGS:
        raise ValueError(f"coloring is {coloring!r}; give one of {COLORINGS}")
