"""Pictures of one's own: a factor of one image exchanged for that of another."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from ml_collections import ConfigDict
from tqdm import tqdm

from iin_tf import files
from iin_tf.checks import InputError
from iin_tf.experiment.edit_inputs import (
    Edit,
    Reader,
    check_edit,
    check_output,
    find_images,
    refuse_decoder,
)
from iin_tf.experiment.finished import first_stage_of, form_of_images
from iin_tf.experiment.recorded import recorded_config
from iin_tf.experiment.sources import load_examples
from iin_tf.experiment.workdir import Workdir
from iin_tf.reporting.edited import edit_files, save_edit

# Frames of the GIF from one tile of the strip to the next.
_BETWEEN = 3
_BATCH = 64


def edit_images(
    workdir: str | os.PathLike, edit: Edit, config: ConfigDict | None = None
) -> list[Path]:
    """Writes what the images become with the donor's factors: image, strip and GIF of each.

    All is read and checked before anything is written, the output appears whole or not at all, and
    the run and the images are only read.

    Args:
      workdir: of a finished run whose first stage has a decoder.
      edit: what is asked for.
      config: of the run; None for the one that the workdir has written down.  A config file with
        `get_data` or `get_first_stage` of its own is needed again.

    Returns:
      The files that were written.

    Raises:
      InputError: an unknown factor, no decoder, an image that cannot be read or has another size,
        an id that no example has, an output that is there.
    """
    place = Workdir(workdir)
    recorded = recorded_config(place)
    config = recorded if config is None else config
    check_edit(edit, place, config)
    images = find_images(edit)
    check_output(edit, images)
    stage = first_stage_of(place, config)
    if not stage.has_decoder:
        refuse_decoder(config)
    reader = Reader(edit, config, _form(stage, config, edit.resize))
    donor = reader.read(edit.donor, "donor")
    # Every one is looked at before the first is edited.
    for image in images.values():
        reader.read(image, "image")
    with files.whole_directory(edit.output) as directory:
        for name, frames in _edited(place, stage, edit, reader, images, donor):
            save_edit(directory, name, frames, every=_BETWEEN)
    return [Path(edit.output) / file for name in images for file in edit_files(name)]


def _form(stage, config, resize):
    """What the images are brought to: what the model was given."""
    shape = stage.input_spec.shape[1:]
    if shape.rank is None or None in shape:
        shape = load_examples(config, "test").x.shape[1:]
    return form_of_images(tuple(shape), resize)


def _check_decoded(images):
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise InputError(
            f"the decoder gives {list(images.shape[1:])}, no images, [height, width, 1 or 3]; "
            "nothing of it can be shown"
        )


def _edited(workdir, stage, edit, reader, images, donor) -> Iterator[tuple[str, np.ndarray]]:
    """Name and frames [F, h, w, c] of every image, in batches."""
    import iin_tf
    from iin_tf.first_stages import decode_in_batches, encode_in_batches, stack_batches

    network = iin_tf.load(workdir.network)
    count = (edit.steps - 1) * _BETWEEN + 1
    names = list(images)
    z_donor = stack_batches(encode_in_batches(stage, donor[None]))[0]
    _check_decoded(stack_batches(decode_in_batches(stage, z_donor)))
    with tqdm(total=len(names), unit=" images", delay=2, disable=None) as progress:
        for start in range(0, len(names), _BATCH):
            some = names[start : start + _BATCH]
            x = np.stack([reader.read(images[name], "image") for name in some])
            z = stack_batches(encode_in_batches(stage, x))[0]
            ends = np.repeat(z_donor, len(z), axis=0)
            paths = network.interpolate(z, ends, list(edit.factors), steps=count, path=edit.path)
            for name, path in zip(some, paths.numpy(), strict=True):
                yield name, stack_batches(decode_in_batches(stage, path))
                progress.update(1)
