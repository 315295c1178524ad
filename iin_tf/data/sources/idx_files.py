"""Images in MNIST's format (idx, gzipped or not) or as npz pairs, coloured where that is asked."""

import gzip
import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError, MissingInput, whole
from iin_tf.data.examples import Examples
from iin_tf.data.sources.array_files import npz_array
from iin_tf.data.sources.handwriting import SIZE, Augmentation, colored_views
from iin_tf.files import reading
from iin_tf.limits import read_limited

# What the files of a split have in their names.
_WORDS = {"train": ("train",), "test": ("t10k", "test")}
# Names of images and of classes, as the sets were published: MNIST, Fashion-MNIST, KMNIST, EMNIST;
# the same unpacked by other tools; Kannada-MNIST; Kannada-MNIST and KMNIST as NumPy's files.
_NAMES = (
    ("*{}-images-idx*-ubyte*", "*{}-labels-idx*-ubyte*"),
    ("*{}-images.idx*-ubyte*", "*{}-labels.idx*-ubyte*"),
    ("X_*{}-idx*-ubyte*", "y_*{}-idx*-ubyte*"),
    ("X_*{}.npz", "y_*{}.npz"),
    ("*{}-imgs.npz", "*{}-labels.npz"),
)
# What NumPy calls the first array of a file that was given no name.
_FIRST = "arr_0"
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
        if content.startswith(_GZIP):
            with gzip.open(path) as unpacking:
                content = read_limited(unpacking, f"path: {path}")
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


def find_idx(folder: str | Path, split: str, name: str = "") -> tuple[Path, Path]:
    """The files of images and of classes of one split in a folder, by their usual names.

    Args:
      folder: holds such as train-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte, or
        X_kannada_MNIST_train.npz and y_kannada_MNIST_train.npz.
      split: "train" or "test".
      name: what the names begin with, where a folder holds several sets ("emnist-letters").

    Raises:
      InputError: an unknown split; no such files, or those of several sets.
    """
    folder = checks.path(folder, "folder")
    words = _WORDS[checks.choice(split, "split", _WORDS)]
    for word in words:
        for patterns in _NAMES:
            found = [sorted(folder.glob(one.format(word))) for one in patterns]
            images, classes = ([one for one in some if one.name.startswith(name)] for some in found)
            if len(images) == len(classes) == 1:
                return images[0], classes[0]
            if len(images) > 1:
                raise InputError(
                    f"folder: {folder} holds {[file.name for file in images]}; give name, with "
                    "which the names of one set begin, or leave one set there"
                )
    begins = f" that begin with {name!r}" if name else ""
    raise MissingInput(
        f"folder: {folder} has no pair of files{begins} such as {words[0]}-images-idx3-ubyte.gz "
        f"and {words[0]}-labels-idx1-ubyte.gz, or X_kannada_MNIST_{split}.npz and "
        f"y_kannada_MNIST_{split}.npz; put them there as they were published"
    )


def _read(path):
    """The array of an idx file, or of one of NumPy's files."""
    return npz_array(path, _FIRST) if Path(path).suffix == ".npz" else read_idx(path)


def idx_images(
    images: str | Path,
    classes: str | Path,
    *,
    coloring: str = "strokes",
    views: int = 1,
    seed: int = 0,
    images_per_color: int = 8,
    augmentation: Augmentation | None = None,
    label: str = "digit",
) -> Examples:
    """Images and classes of two files (MNIST, Fashion-MNIST, KMNIST, EMNIST, Kannada-MNIST).

    EMNIST's files, whose names begin with "emnist", hold their images transposed; they are turned
    upright.

    Args:
      images: path of the file of images, such as train-images-idx3-ubyte.gz, or an npz file.
      classes: path of the file of classes, such as train-labels-idx1-ubyte.gz, or an npz file.
      coloring: "strokes" (on black), "published" (the background takes the negative colour), or
        "" for the grey images as they are.
      views: coloured views of each image.
      seed: fixes colours and augmentation.
      images_per_color: how many different images use the same RGB, at least.
      augmentation: an Augmentation, or None for the images as they are.
      label: what the class is called among the labels; not "color".

    Returns:
      Examples with the labels `label` (the class), and "color" where they are coloured, x uint8
      [n * views, 32, 32, 3], or grey [n, h, w, 1]; `source` is the row in the file.

    Raises:
      InputError: files of other shapes, or numbers out of range.
    """
    if not (isinstance(label, str) and label) or label == "color":
        raise InputError(f"label is {label!r}; name the class, by another name than 'color'")
    grey, digit = _read(images), _read(classes)
    if grey.dtype != np.uint8 or grey.ndim != 3 or digit.ndim != 1 or digit.dtype.kind not in "iu":
        raise InputError(
            f"images: {images} is {grey.dtype} {list(grey.shape)}, and classes: {classes} is "
            f"{digit.dtype} {list(digit.shape)}; give files of uint8 [n, h, w] and whole numbers "
            "[n]"
        )
    if len(grey) != len(digit):
        raise InputError(
            f"images: {images} has {len(grey)} images, but classes: {classes} has {len(digit)}; "
            "give both files of one split"
        )
    if Path(images).name.startswith("emnist"):
        grey = grey.transpose(0, 2, 1)
    rows = np.arange(len(grey))
    if not coloring:
        return Examples(grey[..., None], {label: digit.astype(np.int64)}, rows)
    height, width = grey.shape[1:]
    if height != width or height > SIZE:
        raise InputError(
            f"images are {height} x {width} pixels; coloured are squares of at most {SIZE}, give "
            "coloring='' for the grey ones"
        )
    before = (SIZE - height) // 2
    margins = (before, SIZE - height - before)
    colored = colored_views(
        np.pad(grey, ((0, 0), margins, margins)).astype(np.float32) / 255,
        digit,
        rows,
        views=views,
        images_per_color=images_per_color,
        coloring=coloring,
        augmentation=augmentation,
        rng=np.random.default_rng([whole(seed, "seed", least=0)]),
    )
    labels = {label: colored.labels["digit"], "color": colored.labels["color"]}
    return replace(colored, labels=labels)
