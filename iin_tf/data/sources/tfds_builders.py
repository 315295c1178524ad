"""Data sets of tensorflow-datasets that are prepared in a folder: found, described, prepared."""

import difflib
import os
import re
from pathlib import Path
from typing import Any

from iin_tf.checks import InputError, MissingInput, MissingPackage, path

_DEFAULT = "~/tensorflow_datasets"


def require_tfds() -> Any:
    """The module tensorflow_datasets; MissingPackage where it is not installed."""
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise MissingPackage(
            f"tensorflow-datasets is needed ({error}); pip install 'iin_tf[datasets]'"
        ) from error
    return tfds


def prepared_builder(
    name: str, data_dir: str | Path | None = None, download: bool | None = None
) -> Any:
    """The builder of a data set from its prepared files; no network is used unless asked for.

    Args:
      name: "cifar10", "name/config" or "name/config:1.0.0"; the newest version where it is open.
      data_dir: the data folder of tensorflow-datasets, None for its own default.
      download: whether to fetch and prepare it where it is not there; None where the caller offers
        no such choice.

    Raises:
      MissingPackage: tensorflow-datasets is not installed.
      MissingInput: the set is not there; the message says how it comes there.
      InputError: no such name, or several configs of it.
    """
    match = re.fullmatch(r"(\w+)(?:/([\w.-]+))?(?::([\w.]+))?", name)
    if not match:
        raise InputError(
            f"name is {name!r}; give a data set, 'name', 'name/config' or 'name:1.0.0'"
        )
    folder = path(data_dir or os.environ.get("TFDS_DATA_DIR", _DEFAULT), "data_dir").expanduser()
    found = _versions(folder, *match.groups())
    if not found:
        _check_known(match[1], folder)
    if not found and download:
        require_tfds().builder(name, data_dir=folder).download_and_prepare()
        found = _versions(folder, *match.groups())
    if not found:
        raise MissingInput(
            f"data_dir: {name} is not prepared in {folder}; where there is a network run python -c "
            f"\"import tensorflow_datasets as tfds; tfds.load('{name}', data_dir='{folder}')\" and "
            f"copy that folder{'' if download is None else ', or give download=True'}"
        )
    configs = sorted({version.parent.parent.name for version in found})
    if len(configs) > 1:
        raise InputError(f"name is {name!r}, of which {folder} has {configs}; give 'name/config'")
    # By its files: a builder made by name asks the network about the data set first.
    return require_tfds().builder_from_directory(found[-1].parent)


def _check_known(name: str, folder: Path) -> None:
    """Raises MissingInput where neither the folder nor tensorflow-datasets knows the name."""
    known = {*require_tfds().list_builders(with_community_datasets=False)}
    if folder.is_dir():
        known |= {place.name for place in folder.iterdir() if place.is_dir()}
    if name not in known:
        near = difflib.get_close_matches(name, sorted(known), cutoff=0.0)
        raise MissingInput(
            f"name is {name!r}, which is not prepared in {folder}, and tensorflow-datasets has no "
            f"set of that name; the nearest are {near}"
        )


def _versions(folder, name, config, version):
    """The descriptions of what is prepared, the newest version last."""
    below = folder / name
    patterns = [f"{config}/{version or '*'}"] if config else [version or "*", f"*/{version or '*'}"]
    found = [file for some in patterns for file in below.glob(f"{some}/dataset_info.json")]
    # By numbers: 10.0.0 comes after 9.0.0.
    return sorted(found, key=lambda file: [int(n) for n in re.findall(r"\d+", file.parent.name)])
