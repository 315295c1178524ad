"""Digit sets of tensorflow-datasets, coloured at random."""

import importlib.util

import numpy as np

from iin_tf.checks import MissingInput, MissingPackage, choice, whole
from iin_tf.data.examples import Examples
from iin_tf.data.sources.coloring import check_coloring
from iin_tf.data.sources.handwriting import SIZE, Augmentation, colored_views

DIGIT_SETS = ("mnist", "fashion_mnist", "kmnist")
SPLITS = ("train", "test")


def digit_set(
    name: str,
    split: str,
    data_dir: str | None = None,
    download: bool = False,
    *,
    views: int = 1,
    coloring: str = "strokes",
    seed: int = 0,
    images_per_color: int = 8,
    augmentation: Augmentation | None = None,
) -> Examples:
    """Coloured 32 x 32 views of a digit set of tensorflow-datasets, padded from 28 x 28.

    Reads what tensorflow-datasets has prepared under `data_dir`, or prepares it from the
    original files where somebody has put them.  Nothing is downloaded unless `download` is True.

    Args:
      name: "mnist", "fashion_mnist" or "kmnist".
      split: "train" or "test".
      data_dir: tensorflow-datasets' folder; None for its own default.
      download: whether missing files may be fetched.
      views: coloured views of each image.
      coloring: "strokes" (on black) or "published" (the background takes the negative colour).
      seed: fixes colours and augmentation.
      images_per_color: how many different images use the same RGB, at least.
      augmentation: an Augmentation, or None for the images as they are.

    Returns:
      Examples with labels "digit" (the class) and "color"; `source` is the row in `split`.

    Raises:
      MissingPackage: tensorflow-datasets is not installed.
      MissingInput: the data are not there and must not be downloaded.
      InputError: an unknown name, split or coloring; views or images_per_color out of range.
    """
    choice(name, "name", DIGIT_SETS)
    choice(split, "split", SPLITS)
    seed = whole(seed, "seed", least=0)
    check_coloring(coloring)
    images, classes = _read(name, split, data_dir, download)
    margin = (SIZE - images.shape[1]) // 2
    return colored_views(
        np.pad(images, ((0, 0), (margin, margin), (margin, margin))).astype(np.float32) / 255,
        classes,
        np.arange(len(images)),
        views=views,
        images_per_color=images_per_color,
        coloring=coloring,
        augmentation=augmentation,
        rng=np.random.default_rng([seed, SPLITS.index(split)]),
    )


def _read(name, split, data_dir, download):
    """Images uint8 [n, 28, 28] and classes [n] of one split."""
    _require("tensorflow_datasets", "tensorflow-datasets")
    import tensorflow_datasets as tfds

    builder = tfds.builder(name, data_dir=data_dir)
    if not builder.is_prepared():
        _prepare(builder, download)
    dataset = builder.as_dataset(split=split, as_supervised=True, shuffle_files=False)
    images, classes = zip(*tfds.as_numpy(dataset.batch(1000)), strict=True)
    return np.concatenate(images)[..., 0], np.concatenate(classes)


def _prepare(builder, download):
    import tensorflow_datasets as tfds

    downloads = builder.data_dir_root / "downloads"
    by_hand = downloads / "manual" / builder.name
    files = [info.filename for info in builder.url_infos.values()]
    missing = [file for file in files if not (by_hand / file).exists()]
    if missing and not download:
        raise MissingInput(
            f"{builder.name} is not in {builder.data_path} (checked for a prepared data set), and "
            f"{by_hand} (checked too) lacks {', '.join(missing)}; put these files of "
            f"{builder.info.homepage} there, or copy a prepared {builder.data_path}, or pass "
            "download=True"
        )
    # tensorflow-datasets imports it while it prepares, but does not declare it.
    _require("importlib_resources", "importlib_resources")
    # The sets' files share their names, and so would what is extracted from them.
    config = tfds.download.DownloadConfig(
        manual_dir=by_hand, extract_dir=downloads / "extracted" / builder.name
    )
    builder.download_and_prepare(download_config=config)


def _require(module, package):
    if importlib.util.find_spec(module) is None:
        raise MissingPackage(f"{package} is not installed; run: pip install {package}")
