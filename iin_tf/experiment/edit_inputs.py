"""What a user asks to be edited: checked, found and read."""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ml_collections import ConfigDict

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.data.examples import Examples
from iin_tf.data.ids import id_texts
from iin_tf.data.sources.image_folder import SUFFIXES
from iin_tf.data.sources.image_form import RESIZES, ImageForm
from iin_tf.experiment.finished import read_image
from iin_tf.experiment.sources import load_examples
from iin_tf.experiment.workdir import Workdir
from iin_tf.reporting.edited import edit_files
from iin_tf.reporting.labels import file_stem

SPLITS = ("test", "train")
PATHS = ("line", "sphere")


@dataclasses.dataclass(frozen=True)
class Edit:
    """What is asked for.

    Attributes:
      image: an image file, a folder of them, or the id of an example of the data set.
      donor: an image file or the id of an example, whose factors the images get.
      factors: names of the blocks to exchange.
      output: the folder to write.
      steps: tiles of the strip, both ends included.
      path: "line" or "sphere", as in `InterpretationNetwork.interpolate`.
      resize: what to do with images of another size: "refuse", "crop", "fit" or "stretch".
      split: of the ids, "test" or "train".
      overwrite: replace an output that is there.
    """

    image: str
    donor: str
    factors: Sequence[str]
    output: str
    steps: int = 8
    path: str = "line"
    resize: str = "refuse"
    split: str = "test"
    overwrite: bool = False


def check_edit(edit: Edit, workdir: Workdir, config: ConfigDict) -> None:
    """Raises InputError for all that can be known to be wrong without a model."""
    checks.whole(edit.steps, "steps", least=2)
    checks.choice(edit.path, "path", PATHS)
    checks.choice(edit.resize, "resize", RESIZES)
    checks.choice(edit.split, "split", SPLITS)
    layout = workdir.layout()
    unknown = [name for name in edit.factors if name not in layout.names]
    if unknown or not edit.factors:
        raise InputError(
            f"factor is {unknown[0] if unknown else ''!r}; the network of {str(workdir.path)!r} "
            f"has {list(layout.names)}"
        )
    layout.mask(edit.factors)
    if config.first_stage.kind in ("none", "classifier"):
        refuse_decoder(config)


def refuse_decoder(config: ConfigDict) -> None:
    """Raises InputError: the first stage of the config has no decoder."""
    raise InputError(
        f"first_stage.kind is {config.first_stage.kind!r}, which has no decoder: what it gives "
        "can be edited (network.swap), but not be looked at; give the workdir of an autoencoder"
    )


def find_images(edit: Edit) -> dict[str, str]:
    """Name of the files to write -> file or id to read; of a folder, all images right in it."""
    path = Path(edit.image)
    if not path.is_dir():
        return {file_stem(path.stem if path.is_file() else edit.image): edit.image}
    found = sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES)
    if not found:
        raise InputError(
            f"image is {edit.image!r}, a folder without images, of {' '.join(SUFFIXES)}; give "
            "one that has some"
        )
    written: dict[str, Path] = {}
    for one in found:
        for file in edit_files(one.stem):
            if file in written:
                raise InputError(
                    f"{written[file].name} and {one.name} would both be written to {file}; "
                    "rename one"
                )
            written[file] = one
    return {one.stem: str(one) for one in found}


def check_output(edit: Edit, images: dict[str, str]) -> None:
    """Raises InputError where the output is there, or holds what is to be read."""
    output = Path(edit.output)
    for part in (output, *output.parents):
        if part.exists() and not part.is_dir():
            raise InputError(
                f"output is {edit.output!r}, but {str(part)!r} is a file; give a folder"
            )
    if output.exists() and any(output.iterdir()) and not edit.overwrite:
        raise InputError(
            f"output is {edit.output!r}, which is there; give another folder, or --overwrite"
        )
    for path in map(Path, (*images.values(), edit.donor)):
        if path.exists() and output.resolve() in (path.resolve(), *path.resolve().parents):
            raise InputError(
                f"output is {edit.output!r}, which holds {str(path)!r}: it would be replaced; give "
                "another folder"
            )


class Reader:
    """Reads images by file name or id.

    Args:
      edit: what is asked for.
      config: of the run.
      form: what images are brought to.
    """

    def __init__(self, edit: Edit, config: ConfigDict, form: ImageForm):
        self._split, self._config, self._form = edit.split, config, form

    def read(self, name: str, argument: str) -> np.ndarray:
        """An image as uint8 [h, w, c].

        Args:
          name: its file, or the id of an example.
          argument: what messages call it.

        Raises:
          InputError: no such file or example, no image, or one of another size.
        """
        if not Path(name).is_file():
            return self._example(name, argument)
        return read_image(name, self._form, argument)

    @functools.cached_property
    def _examples(self) -> Examples:
        return load_examples(self._config, self._split)

    def _example(self, name, argument):
        ids = id_texts(self._examples.id, "id")
        if name not in ids:
            raise InputError(
                f"{argument} is {name!r}, which is no file, and no id of the {self._split} "
                f"examples; they begin with {ids[:3]}"
            )
        return np.asarray(self._examples.x[ids.index(name)])
