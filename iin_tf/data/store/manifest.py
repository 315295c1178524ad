"""What a latent store says of itself, and which names its labels may have."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from iin_tf.checks import InputError
from iin_tf.files import read_json, write_json

_FORMAT = "iin_tf latent store 2"
_ANY_FORMAT = "iin_tf latent store "
_DTYPES = ("float32", "float16")
_KEYS = {"format": str, "examples": int, "latent_size": int, "dtype": str, "labels": list}


def check_dtype(dtype: object) -> str:
    """`dtype`, "float32" or "float16"."""
    if dtype not in _DTYPES:
        raise InputError(f"dtype is {dtype!r}; give 'float32' or 'float16'")
    return str(dtype)


def check_label_name(name: object) -> str:
    """`name`, which becomes the name of a file inside the store, whatever the system."""
    if not isinstance(name, str) or not re.fullmatch(r"\w[\w. -]{0,199}", name):
        raise InputError(
            f"labels names {name!r}; use letters, digits, spaces and _ . -, at most 200"
        )
    return name


def write_manifest(
    directory: Path, examples: int, latent_size: int, dtype: str, labels: Collection[str]
) -> None:
    """Writes what `read_manifest` reads."""
    manifest = {"format": _FORMAT, "examples": examples, "latent_size": latent_size}
    write_json(directory / "manifest.json", {**manifest, "dtype": dtype, "labels": sorted(labels)})


def read_manifest(directory: Path) -> Mapping[str, Any]:
    """What a store says of itself: examples, latent_size, dtype, labels.

    Raises:
      InputError: no store of this format, or a name that would lead out of the store.
    """
    if not is_store(directory):
        raise InputError(f"directory {str(directory)!r} is not a latent store; write one first")
    path = directory / "manifest.json"
    manifest = read_json(path, _KEYS)
    if manifest["format"] != _FORMAT:
        raise InputError(
            f"{path}: the format is {manifest['format']!r}, this version reads {_FORMAT!r}; use "
            "the version of iin_tf that wrote the store, or write it anew"
        )
    sizes = manifest["examples"], manifest["latent_size"]
    if any(isinstance(size, bool) or size < 1 for size in sizes):
        raise InputError(f"{path} says {sizes} of rows and dimensions; write the store anew")
    try:
        check_dtype(manifest["dtype"])
        for name in manifest["labels"]:
            check_label_name(name)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return manifest


def is_store(directory: Path) -> bool:
    """Whether a latent store, of whatever format, stands at the path `directory`."""
    try:
        return read_json(directory / "manifest.json")["format"].startswith(_ANY_FORMAT)
    except (OSError, InputError, AttributeError, KeyError, TypeError):
        return False
