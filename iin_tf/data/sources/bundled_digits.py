"""scikit-learn's bundled handwritten digits, coloured at random."""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from iin_tf.checks import choice, whole
from iin_tf.data.examples import Examples
from iin_tf.data.sources.handwriting import SIZE, Augmentation, colored_views, upscale

SPLITS = ("train", "test")
TEST_SIZE = 360
# The 8 x 8 handwriting fills its frame; a margin of 3 pixels keeps rotated strokes in the view.
_BOX = SIZE - 6
# Warped from twice the size: bilinear sampling at one scale would blur.
_OVERSAMPLING = 2


def colored_digits(
    split: str,
    views: int = 30,
    coloring: str = "strokes",
    seed: int = 0,
    *,
    images_per_color: int = 8,
    augmentation: Augmentation | None = None,
) -> Examples:
    """Coloured 32 x 32 views of the 1,797 handwritten digits that scikit-learn brings along.

    The split is by handwriting image, the same for every seed, stratified by digit: no
    handwriting of "test" is ever in "train".  Training views are augmented by small rotations,
    zooms, shears, shifts and stroke weights; test views show the handwriting as it is.

    Args:
      split: "train" (1,437 handwriting images) or "test" (360).
      views: coloured views of each handwriting image.
      coloring: "strokes" (on black) or "published" (the background takes the negative colour).
      seed: fixes colours and augmentation; the splits draw from separate streams.
      images_per_color: how many different images use the same RGB, at least.
      augmentation: an Augmentation for the training views, None for the default one.

    Returns:
      Examples with labels "digit" and "color"; `source` is the row in scikit-learn's set.

    Raises:
      InputError: an unknown split or coloring, views or images_per_color out of range.
    """
    choice(split, "split", SPLITS)
    seed = whole(seed, "seed", least=0)
    digits = load_digits()
    rows = _rows(digits.target)[split]
    return colored_views(
        upscale(digits.images[rows], _OVERSAMPLING * _BOX, _OVERSAMPLING * SIZE),
        digits.target[rows],
        rows,
        views=views,
        images_per_color=images_per_color,
        coloring=coloring,
        augmentation=(augmentation or Augmentation()) if split == "train" else None,
        rng=np.random.default_rng([seed, SPLITS.index(split)]),
    )


def _rows(target):
    """Split name -> ascending rows; one fixed stratified split."""
    train, test = train_test_split(
        np.arange(len(target)), test_size=TEST_SIZE, stratify=target, random_state=0
    )
    return {"train": np.sort(train), "test": np.sort(test)}
