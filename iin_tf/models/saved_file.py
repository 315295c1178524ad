"""A `.keras` file, looked at before Keras takes memory for what it asks for."""

import contextlib
import math
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.limits import check_inside, check_memory, check_own, most_weights

_WEIGHTS, _CONFIG = "model.weights.h5", "config.json"
# A config that is read is Python objects of some ten times its length.
_LONGEST_CONFIG = 2**26
# What a model makes beside the weights that its file holds: counters, states of a compiled one.
_BESIDE = 2**20


def saved_weights(path: str | Path) -> int:
    """How many numbers the weights of a `.keras` file are.

    Raises:
      InputError: a part would not fit in memory, or lies in another file, or there are no weights.
    """
    with zipfile.ZipFile(path) as archive:
        _check_members(archive, path)
        if _WEIGHTS not in archive.namelist():
            raise InputError(
                f"path {str(path)!r} is not a saved Keras model: it holds no {_WEIGHTS}; give one "
                "that `save` wrote"
            )
        with archive.open(_WEIGHTS) as member, h5py.File(member, "r") as file:
            return _count(file, f"path {str(path)!r}")


@contextlib.contextmanager
def weights_within(count: int, path: str | Path) -> Iterator[None]:
    """Inside, no more weights than `count` are made, but for some counters.

    The shape of each is looked at before its start is computed.

    Raises:
      InputError: a config asks for more than its file holds.
    """
    left = 2 * count + _BESIDE

    def creator(make: Callable[..., tf.Variable], **kwargs: Any) -> tf.Variable:
        nonlocal left
        left -= _size(kwargs.get("initial_value"))
        if left < 0:
            raise InputError(
                f"path {str(path)!r} asks for more weights than the {count} that it holds; give a "
                "file that `save` wrote"
            )
        return make(**kwargs)

    # What a network draws before it makes variables of it looks at `most_weights`.
    with most_weights(count, f"path {str(path)!r}"), tf.variable_creator_scope(creator):
        yield


def _check_members(archive, path):
    what = f"path {str(path)!r}"
    for member in archive.infolist():
        parts = Path(member.filename.replace("\\", "/")).parts
        if member.filename.startswith("/") or ".." in parts:
            raise InputError(f"{what} holds {member.filename!r}, which leads out of it")
        if member.filename == _CONFIG and member.file_size > _LONGEST_CONFIG:
            raise InputError(
                f"{what} has a config of {member.file_size} bytes, and {_LONGEST_CONFIG} is the "
                "most; give a file that `save` wrote"
            )
    check_memory(sum(member.file_size for member in archive.infolist()), what)


def _count(group, what):
    """Values of all data sets of an HDF5 group; links to other files are refused."""
    total = 0
    for name in group:
        check_inside(group, name, what)
        one = group[name]
        if isinstance(one, h5py.Group):
            total += _count(one, what)
            continue
        check_own(one, what)
        count, stored = int(one.size or 0), one.id.get_storage_size()
        # Keras stores weights as they are.
        if count * one.dtype.itemsize > stored + _BESIDE:
            raise InputError(
                f"{what}: its weights {one.name} are {list(one.shape)}, and {stored} bytes are "
                "stored; give a file that `save` wrote"
            )
        total += count
    return total


def _size(initial: Any) -> int:
    """How many numbers a variable will have, of which the start is not computed."""
    if not callable(initial):
        return math.prod(getattr(initial, "shape", ()))
    with tf.Graph().as_default():
        try:
            shape = tf.convert_to_tensor(initial()).shape
        except Exception:  # Whatever a start does that a graph does not bear: then it is not known.
            return 0
    return shape.num_elements() or 0
