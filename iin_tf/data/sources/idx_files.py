"""Images in MNIST's file format (idx), gzipped or not, coloured at random where that is asked."""

import gzip
import math
from pathlib import Path

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError, check_same_length, whole
from iin_tf.data.examples import Examples
from iin_tf.data.sources.handwriting import SIZE, Augmentation, colored_views
from iin_tf.files import reading

# What the files of a split have in their names.
_WORDS = {"train": ("train",), "test": ("t10k", "test")}
_GZIP = b"\x1f\x8b"
# The third byte of a file says what its entries are.
_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_idx(path: str | Path) -> np.ndarray:
    """The array that an idx file holds, gzipped or not.

    Raises:
      InputError: no such file, or one of another kind or length.

    Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", section on file formats.
    """
    path = checks.path(path, "path")
    with reading(path):
        content = path.read_bytes()
        content = gzip.decompress(content) if content.startswith(_GZIP) else content
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _TYPES:
        raise InputError(f"path: {path} is no idx file; MNIST's file format begins with two zeros")
    start = 4 + 4 * content[3]
    shape = [int.from_bytes(content[at : at + 4], "big") for at in range(4, start, 4)]
    dtype = np.dtype(_TYPES[content[2]])
    if len(content) != start + dtype.itemsize * math.prod(shape):
        raise InputError(
            f"path: {path} holds {len(content)} bytes, but its header says {shape}; get it again"
        )
    values = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return values.astype(dtype.newbyteorder("="))


def find_idx(folder: str | Path, split: str) -> tuple[Path, Path]:
    """The files of images and of classes of one split in a folder, by their usual names.

    Args:
      folder: holds such as train-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.
      split: "train" or "test".

    Raises:
      InputError: an unknown split; no such file, or several.
    """
    folder = checks.path(folder, "folder")
    words = _WORDS[checks.choice(split, "split", _WORDS)]
    found = []
    for kind in ("images", "labels"):
        names = [
            name for word in words for name in sorted(folder.glob(f"*{word}-{kind}-idx*-ubyte*"))
        ]
        if len(names) != 1:
            raise InputError(
                f"folder: {folder} has {len(names)} files named *{words[0]}-{kind}-idx*-ubyte*; "
                "put one there"
            )
        found += names
    return found[0], found[1]


def idx_images(
    images: str | Path,
    classes: str | Path,
    *,
    coloring: str = "strokes",
    views: int = 1,
    seed: int = 0,
    images_per_color: int = 8,
    augmentation: Augmentation | None = None,
) -> Examples:
    """Images and classes of two idx files (MNIST, Fashion-MNIST, KMNIST, EMNIST).

    Args:
      images: path of the file of images, such as train-images-idx3-ubyte.gz.
      classes: path of the file of classes, such as train-labels-idx1-ubyte.gz.
      coloring: "strokes" (on black), "published" (the background takes the negative colour), or
        "" for the grey images as they are.
      views: coloured views of each image.
      seed: fixes colours and augmentation.
      images_per_color: how many different images use the same RGB, at least.
      augmentation: an Augmentation, or None for the images as they are.

    Returns:
      Examples with labels "digit" (the class), and "color" where they are coloured, x uint8
      [n * views, 32, 32, 3], or grey [n, h, w, 1]; `source` is the row in the file.

    Raises:
      InputError: files of other shapes, or numbers out of range.
    """
    grey, digit = read_idx(images), read_idx(classes)
    if grey.dtype != np.uint8 or grey.ndim != 3 or digit.ndim != 1 or digit.dtype.kind not in "iu":
        raise InputError(
            f"images is {grey.dtype} {list(grey.shape)} and classes {digit.dtype} "
            f"{list(digit.shape)}; give files of uint8 [n, h, w] and whole numbers [n]"
        )
    check_same_length(grey, digit, ("images", "classes"))
    rows = np.arange(len(grey))
    if not coloring:
        return Examples(grey[..., None], {"digit": digit.astype(np.int64)}, rows)
    height, width = grey.shape[1:]
    if height != width or height > SIZE:
        raise InputError(
            f"images are {height} x {width} pixels; coloured are squares of at most {SIZE}, give "
            "coloring='' for the grey ones"
        )
    before = (SIZE - height) // 2
    margins = (before, SIZE - height - before)
    return colored_views(
        np.pad(grey, ((0, 0), margins, margins)).astype(np.float32) / 255,
        digit,
        rows,
        views=views,
        images_per_color=images_per_color,
        coloring=coloring,
        augmentation=augmentation,
        rng=np.random.default_rng([whole(seed, "seed", least=0)]),
    )
