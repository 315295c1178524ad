"""A folder of pictures: one folder a class, or a table of attributes, or both."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError, MissingInput, whole
from iin_tf.data.examples import Examples
from iin_tf.data.label_table import read_labels
from iin_tf.data.labels import check_source
from iin_tf.data.sources.image_form import image_form, read_picture
from iin_tf.data.sources.pictures import Pictures, pictures_of_one_form
from iin_tf.data.sources.splits import SPLITS, in_split
from iin_tf.data.tables import read_table

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm")


def image_folder(
    path: str | Path,
    split: str | None = None,
    labels: object = None,
    *,
    size: Any = None,
    resize: str = "refuse",
    channels: int | None = None,
    corrupt: str = "refuse",
    test: float = 0.2,
    seed: int = 0,
    memory: int = 2**30,
) -> Examples:
    """The pictures below a folder, with labels from folders, from a table, or from both.

    A picture in a folder has the label "class", the name of that folder right below `path` (or
    below `path`/train and `path`/test, where these are all that it holds: then they are the
    splits).  A table adds its columns, and a column "class" of its own takes the folders' place;
    `source` and `split` are as in `array_examples`.  Its column `id` names the files: path below
    `path` or name alone, with or without suffix.

    Every picture is decoded once here, so that what is damaged is said before work begins; `x`
    decodes them again when rows are asked for, except those that fit into `memory`.

    Args:
      path: of the folder.
      split: "train", "test", or None for all.
      labels: table (CSV, Parquet, data frame) with a column `id`, or None.
      size: side or (height, width) in pixels; None for the one that all pictures have.
      resize: "refuse" other sizes, or "crop", "fit" (black beside it) or "stretch" them.
      channels: 1 for grey, 3 for RGB, None for what all pictures have.
      corrupt: "refuse" pictures that cannot be read, or "skip" them, with a warning.
      test: fraction of the sources that the test split gets, where nothing says who is in it.
      seed: of that choice.
      memory: bytes of decoded pictures that are kept.

    Returns:
      Examples; x `LazyRows` uint8 [n, height, width, channels], id the path below `path`.

    Raises:
      InputError: no such folder, no pictures in it, pictures without any label, rows of the table
        that join no picture, pictures that cannot be read or differ in form.
    """
    form, path = image_form(size, resize, channels), checks.path(path, "path")
    whole(memory, "memory", least=0)
    names = list_images(path)
    if labels is None and _of_folders(names)[0] is None:
        raise InputError(
            f"path: {path} has images outside of class folders, such as "
            f"{next(name for name in names if '/' not in name)}; put each into a folder of its "
            "class, or give labels, a table with a column id"
        )
    found, source, rows = labels_and_rows(names, labels, split, test, seed)
    pictures = Pictures(lambda row: read_picture(path / names[row], form), names, memory)
    x, rows = pictures_of_one_form(pictures, rows, form, corrupt)
    labels = {name: values[rows] for name, values in found.items()}
    return Examples(x, labels, source[rows], np.array(names)[rows])


def list_images(path: Path, argument: str = "path") -> list[str]:
    """The images below a folder by their suffix, as paths below it with "/", in their order.

    Args:
      path: of the folder.
      argument: what messages call it.

    Raises:
      InputError: there is no such folder, or no image in it.
    """
    if not path.is_dir():
        raise MissingInput(
            f"{argument}: there is no folder {path}; give the one that holds the images"
        )
    names = []
    for folder, inner, files in os.walk(path, followlinks=True):
        # Such as .ipynb_checkpoints and .thumbnails.
        inner[:] = [name for name in inner if not name.startswith(".")]
        below = Path(folder).relative_to(path)
        names += [
            (below / name).as_posix()
            for name in files
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")
        ]
    if not names:
        raise MissingInput(
            f"{argument}: {path} holds no images, of {' '.join(SUFFIXES)}; give the folder "
            "that does"
        )
    return sorted(names)


def labels_and_rows(
    names: Sequence[str], labels: object, split: str | None, test: float, seed: int
) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """What folders and a table say of pictures, and which of them are in a split.

    Args:
      names: of the pictures, paths below their folder.
      labels: as in `image_folder`, as all that follow.
      split: "train", "test", or None for all.
      test: fraction of the sources that the test split gets, where nothing says who is in it.
      seed: of that choice.

    Returns:
      (labels by name [n] each, the source of each [n], rows of the split).

    Raises:
      InputError: as `image_folder`, of labels and splits.
    """
    classes, parts = _of_folders(names)
    found: dict[str, Any] = {} if classes is None else {"class": classes}
    if labels is not None:
        found |= read_labels(labels, _ids_as_in(labels, names))
    source = check_source(found.pop("source", None), len(names))
    parts = found.pop("split", parts)
    rows = np.arange(len(names))
    if split is not None:
        rows = in_split(split, parts, source, test, seed)
    return found, source, rows


def _of_folders(names: Sequence[str]) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The class and the split of each picture by its folders; None where they do not say."""
    places = [name.split("/") for name in names]
    parts = None
    if {place[0] for place in places if len(place) > 1} == {*SPLITS} and all(
        len(place) > 1 for place in places
    ):
        parts = np.array([place[0] for place in places])
        places = [place[1:] for place in places]
    classes = None
    if all(len(place) > 1 for place in places):
        classes = np.array([place[0] for place in places])
    return classes, parts


def _ids_as_in(labels: object, names: Sequence[str]) -> Sequence[str]:
    """The names of the pictures in the form that joins most rows of the table."""
    ids = set(read_table(labels, "labels", ("id",))["id"].tolist())
    paths = [Path(name) for name in names]
    forms = [
        names,
        [path.with_suffix("").as_posix() for path in paths],
        [path.name for path in paths],
        [path.stem for path in paths],
    ]
    # Names that several pictures have join nothing.
    distinct = [form for form in forms if len(set(form)) == len(names)]
    return max(distinct, key=lambda form: len(ids.intersection(form)))
