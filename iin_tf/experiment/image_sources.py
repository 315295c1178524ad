"""Sources of images and other inputs that the user has on disk."""

from pathlib import Path
from typing import Any

from ml_collections import ConfigDict

from iin_tf import data
from iin_tf.checks import InputError
from iin_tf.data.examples import Examples
from iin_tf.data.lazy_rows import LazyRows
from iin_tf.data.sources.image_folder import list_images
from iin_tf.data.sources.image_form import image_form
from iin_tf.data.sources.tfds_builders import prepared_builder
from iin_tf.experiment.key_checks import TRAINED


def load_images(config: ConfigDict, split: str) -> Examples:
    """The pictures of the folder `data.path`, and of `data.paired_path` where that is given."""
    settings, labels = config.data, config.data.labels or None
    choices = {"corrupt": settings.corrupt, "test": settings.test, "seed": config.seed}
    choices |= _form(settings)
    if settings.paired_path:
        return data.paired_folders(settings.path, settings.paired_path, split, labels, **choices)
    return data.image_folder(settings.path, split, labels, **choices)


def check_images(config: ConfigDict) -> None:
    """Raises InputError unless `data.path`, and a `data.paired_path`, are folders of pictures."""
    if not config.data.path:
        raise InputError("data.path is empty; name the folder of the images")
    for key in ("path", "paired_path"):
        if config.data[key]:
            list_images(Path(config.data[key]), key)
    image_form(**_form(config.data))


def load_tfds(config: ConfigDict, split: str) -> Examples:
    """The data set `data.name` of tensorflow-datasets."""
    settings = config.data
    return data.tfds_examples(
        settings.name,
        split,
        settings.data_dir or None,
        # "x" is the default, which no feature of an image is called.
        key=None if settings.key == "x" else settings.key,
        test=settings.test,
        seed=config.seed,
        download=settings.download,
        **_form(settings),
    )


def check_tfds(config: ConfigDict) -> None:
    """Raises InputError unless the data set is there, or may be fetched."""
    if not config.data.name:
        raise InputError("data.name is empty; name a data set, such as 'cifar10'")
    image_form(**_form(config.data))
    if not config.data.download:
        prepared_builder(config.data.name, config.data.data_dir or None, download=False)


def with_channel(config: ConfigDict, x: Any) -> Any:
    """Grey images [n, h, w] as [n, h, w, 1], where a first stage is trained here; others as x."""
    if config.first_stage.kind not in TRAINED or len(x.shape) != 3:
        return x
    if isinstance(x, LazyRows):
        return LazyRows(lambda rows: x[rows][..., None], (*x.shape, 1), x.dtype)
    return x[..., None]


def _form(settings):
    return {"size": settings.size, "resize": settings.resize, "channels": settings.channels}
