"""Where an experiment's examples come from: one entry for each `data.source`."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ml_collections import ConfigDict

from iin_tf import data
from iin_tf.checks import InputError
from iin_tf.data.examples import Examples
from iin_tf.data.sources.idx_files import find_idx
from iin_tf.experiment import image_sources
from iin_tf.experiment.argument_names import OF_DATA, OF_PAIRED_DATA, by_config_key
from iin_tf.experiment.image_sources import with_channel
from iin_tf.experiment.own_code import check_own_data, own_data

# Values that are looked at together.
_VALUES = 2**22
# Sources that read `data.paired_path`.
PAIRED = ("latents", "arrays", "images")


@dataclasses.dataclass(frozen=True)
class Source:
    """A source of examples.

    Attributes:
      load: function of the config and "train" or "test" -> Examples.
      check: function of the config that raises InputError for keys that the source could not
        use, called before the first stage begins; or None.
    """

    load: Callable[[Any, str], Examples]
    check: Callable[[Any], None] | None = None


def register_source(name: str, source: Source) -> None:
    """Adds a source that `config.data.source` can name; one of the same name is replaced."""
    SOURCES[name] = source


def load_examples(config: ConfigDict, split: str) -> Examples:
    """The examples of one split.

    Args:
      config: ConfigDict with the keys of `default_config`.
      split: "train" or "test".

    Raises:
      InputError: the data are not there.
    """
    with _by_key(config):
        return SOURCES[config.data.source].load(config, split)


def check_source(config: ConfigDict) -> None:
    """Raises InputError for keys of `config.data` that its source could not use."""
    if config.data.paired_path and config.data.source not in PAIRED:
        raise InputError(
            f"data.paired_path is {config.data.paired_path!r}, but data.source is "
            f"{config.data.source!r}; only {', '.join(PAIRED)} have a second file or folder"
        )
    check = SOURCES[config.data.source].check
    if check is not None:
        with _by_key(config):
            check(config)


def _by_key(config):
    return by_config_key(OF_PAIRED_DATA if config.data.paired_path else OF_DATA)


def _bundled_digits(config, split):
    return data.colored_digits(split, **_coloring(config, split))


def _digit_set(name):
    def load(config, split):
        settings = _coloring(config, split)
        place = {"data_dir": config.data.data_dir or None, "download": config.data.download}
        return data.digit_set(name, split, **place, **settings)

    return load


def _idx(config, split):
    settings = _coloring(config, split)
    # The splits draw from separate streams.
    settings["seed"] = 2 * config.seed + (split == "test")
    settings["label"] = config.data.label
    return data.idx_images(*find_idx(config.data.path, split, config.data.name), **settings)


def _check_idx(config):
    _check_digits(config)
    if not config.data.path:
        raise InputError("data.path is empty; name the folder of the idx files")
    if config.data.label == "color":
        raise InputError("data.label is 'color', which is that of the strokes; give another name")
    for split in ("train", "test"):
        find_idx(config.data.path, split, config.data.name)


def _latents(config, split):
    settings = config.data
    choices = {"key": settings.key, "test": settings.test, "seed": config.seed}
    labels = settings.labels or None
    if settings.paired_path:
        examples = data.paired_examples(
            settings.path, settings.paired_path, labels, split, **choices
        )
    else:
        examples = data.array_examples(settings.path, labels, split, **choices)
    check_finite(examples, "data.path", settings.path)
    return examples


def _arrays(config, split):
    examples = _latents(config, split)
    return dataclasses.replace(examples, x=with_channel(config, examples.x))


def _check_latents(config):
    path, paired, labels = config.data.path, config.data.paired_path, config.data.labels
    if not path or not Path(path).exists():
        raise InputError(
            f"data.path is {path!r}; give the file of the rows: .npy, .npz, .h5, .parquet, "
            ".tfrecord, or the folder of a latent store"
        )
    if paired and not Path(paired).exists():
        raise InputError(f"data.paired_path is {paired!r}; give the file of the paired rows")
    if labels and not config.data.factors:
        raise InputError(
            f"data.labels is {labels!r} and data.factors is (); name those of the table's columns "
            "that are factors"
        )


def check_finite(examples: Examples, argument: str, origin: str) -> None:
    """Raises InputError at the first example whose x holds NaN or infinity, by its id."""
    x = examples.x
    if x.dtype.kind != "f":
        return
    values = max(1, int(np.prod(x.shape[1:])))
    together = max(1, _VALUES // values)
    for start in range(0, len(x), together):
        some = np.asarray(x[start : start + together]).reshape(-1, values)
        bad = np.flatnonzero(~np.isfinite(some).all(axis=1))
        if bad.size:
            raise InputError(
                f"{argument} {origin}: the row of id {examples.id[start + bad[0]]!s} is not finite "
                f"({bad.size} of rows {start} to {start + len(some) - 1} are not); drop these rows "
                "or mend what makes them"
            )


def _coloring(config, split):
    return {
        "views": _views(config, split),
        "coloring": config.data.coloring,
        "seed": config.seed,
        "images_per_color": config.data.images_per_color,
    }


def _check_digits(config):
    if not config.data.coloring and config.data.source != "idx":
        raise InputError(f"data.coloring is '', but {config.data.source!r} is coloured; name one")
    if config.data.views_change:
        raise InputError(
            f"data.views_change is {config.data.views_change!r}, but views of "
            f"{config.data.source!r} differ in more than one factor; leave it empty"
        )


def _sprites(config, split):
    count = config.data.examples if split == "train" else config.data.test_examples
    # The parts of a split must not share a seed.
    seed = 2 * config.seed + (split == "test")
    if not config.data.views_change:
        return data.sprites(count, seed)
    return data.sprite_views(count, _views(config, split), config.data.views_change, seed)


def _check_sprites(config):
    if config.data.views_change:
        return
    for key in ("views", "test_views"):
        if config.data[key] != 1:
            raise InputError(
                f"data.{key} is {config.data[key]}, but data.views_change is empty; name the "
                "factor in which views of a sprite differ, or give 1"
            )


def _views(config, split):
    return config.data.views if split == "train" else config.data.test_views


SOURCES: dict[str, Source] = {
    "colored_digits": Source(_bundled_digits, _check_digits),
    "rendered_sprites": Source(_sprites, _check_sprites),
    # Digit sets of tensorflow-datasets, coloured like the bundled one.
    "mnist": Source(_digit_set("mnist"), _check_digits),
    "fashion_mnist": Source(_digit_set("fashion_mnist"), _check_digits),
    "kmnist": Source(_digit_set("kmnist"), _check_digits),
    # Files in MNIST's format in the folder data.path.
    "idx": Source(_idx, _check_idx),
    # `get_data` of the file config.code.
    "python": Source(own_data, check_own_data),
    # Rows of a representation in a file, with a table of labels.
    "latents": Source(_latents, _check_latents),
    # The same with inputs of a model, such as images, in place of its representation.
    "arrays": Source(_arrays, _check_latents),
    # Pictures in a folder, and data sets of tensorflow-datasets.
    "images": Source(image_sources.load_images, image_sources.check_images),
    "tfds": Source(image_sources.load_tfds, image_sources.check_tfds),
}
