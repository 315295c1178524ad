"""What a finished run can be asked beside its stages: its first stage, and what images it takes."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from ml_collections import ConfigDict

from iin_tf import files
from iin_tf.checks import InputError
from iin_tf.data.sources.image_form import ImageForm, image_form, read_picture
from iin_tf.experiment.key_checks import TRAINED
from iin_tf.experiment.workdir import Workdir

if TYPE_CHECKING:
    from iin_tf.first_stages import FirstStage


def first_stage_of(workdir: Workdir, config: ConfigDict) -> "FirstStage":
    """The frozen model of a finished run.

    Args:
      workdir: Workdir; it is only read.
      config: of the run.
    """
    from iin_tf.experiment.experiment import Experiment
    from iin_tf.first_stages import KerasFirstStage
    from iin_tf.models.loading import load_model

    if config.first_stage.kind in TRAINED:
        # Alone: the experiment would load the training examples for it.
        return KerasFirstStage(load_model(workdir.first_stage, compile=False))
    return Experiment(config, workdir, "none").first_stage


def form_of_images(shape: tuple[int, ...], resize: str) -> ImageForm:
    """What image files are brought to for a model that takes inputs of `shape`.

    Args:
      shape: of one input.
      resize: what to do with other sizes, as in `ImageForm`.

    Raises:
      InputError: it takes no images.
    """
    if len(shape) != 3 or shape[-1] not in (1, 3):
        raise InputError(
            f"the first stage takes {list(shape)}, no images, [height, width, 1 or 3]; nothing of "
            "it can be shown"
        )
    height, width, channels = map(int, shape)
    return image_form((height, width), resize, channels)


def read_image(path: str | Path, form: ImageForm, argument: str) -> np.ndarray:
    """An image file as uint8 [h, w, c], of the form's size.

    Args:
      path: of the file.
      form: ImageForm with a size.
      argument: what messages call it.

    Raises:
      InputError: no image, or one of another size that the form refuses.
    """
    with files.reading(path):
        picture = read_picture(Path(path), form)
    size, wanted_size = picture.shape[:2], form.size or picture.shape[:2]
    if size != wanted_size:
        found, wanted = (" x ".join(map(str, sides)) for sides in (size, wanted_size))
        raise InputError(
            f"{argument} {path} is {found}, and the model takes {wanted}; give --resize=crop, "
            "fit or stretch"
        )
    return picture
