"""Two folders whose pictures of one name show the same thing: photographs and sketches of it."""

from pathlib import Path
from typing import Any

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError, whole
from iin_tf.data.examples import Examples
from iin_tf.data.ids import repeated
from iin_tf.data.sources.image_folder import labels_and_rows, list_images
from iin_tf.data.sources.image_form import image_form, read_picture
from iin_tf.data.sources.paired_examples import ENDS, paired_rows
from iin_tf.data.sources.pictures import Pictures, pictures_of_one_form


def paired_folders(
    path: str | Path,
    paired_path: str | Path,
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
    """The pictures of two folders that are joined by name: the path below each, without suffix.

    Two pictures of one name are two views of one original, which is their `source`: pairs of them
    share what the folders have in common (`pairs.views_share` in a config, `TransformationPairs`
    with `keeps` in Python), and they stay in one split.

    Args:
      path: of the first folder; folders in it are classes and splits as in `image_folder`.
      paired_path: of the second, with the same names.
      split: "train", "test", or None for all.
      labels: table of labels by the names in the first folder, which both pictures get, or None.
      size: as in `image_folder`, as all that follow; both folders' pictures get one form.
      resize: what to do with other sizes.
      channels: 1, 3 or None.
      corrupt: "refuse" or "skip" pictures that cannot be read; the other of the pair stays.
      test: fraction of the originals that the test split gets, where nothing says who is in it.
      seed: of that choice.
      memory: bytes of decoded pictures that are kept.

    Returns:
      Examples: the pictures of the first folder, whose ids are names with "/a" after them, then
      those of the second, with "/b"; the label "folder" is 0 or 1.  `source` is the name; a
      column of that name only says what the split must not tear.

    Raises:
      InputError: as `image_folder`; names that one of the folders lacks (how many join, the first
        three that do not), or a name that two files of a folder have.
    """
    form = image_form(size, resize, channels)
    whole(memory, "memory", least=0)
    folders = {"path": checks.path(path, "path"), "paired_path": checks.path(paired_path, "path")}
    files = {argument: list_images(folder, argument) for argument, folder in folders.items()}
    names, there = (_names(argument, found) for argument, found in files.items())
    partner = paired_rows(names, there, "names", "folders")
    found, _, chosen = labels_and_rows(files["path"], labels, split, test, seed)
    places = [folder / name for argument, folder in folders.items() for name in files[argument]]
    pictures = Pictures(lambda row: read_picture(places[row], form), [*map(str, places)], memory)
    rows = np.concatenate([chosen, len(names) + partner[chosen]])
    x, kept = pictures_of_one_form(pictures, rows, form, corrupt)
    # By picture: of which original it is, and where it lies.
    original = np.concatenate([np.arange(len(names)), np.argsort(partner)])[kept]
    second = (kept >= len(names)).astype(np.int64)
    known = {name: values[original] for name, values in found.items()}
    ids = [names[row] + ENDS[end] for row, end in zip(original, second, strict=True)]
    return Examples(x, {**known, "folder": second}, np.array(names)[original], ids)


def _names(argument, files):
    """The names by which the files of a folder are joined."""
    names = [Path(name).with_suffix("").as_posix() for name in files]
    if len(set(names)) < len(names):
        raise InputError(
            f"{argument}: {repeated(names)}, with another suffix each; give each picture one file"
        )
    return names
