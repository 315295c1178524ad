"""A user's own data, first stage and callbacks, from the file that the config names."""

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from iin_tf.checks import InputError, shown
from iin_tf.data.examples import Examples
from iin_tf.experiment.config_file import code_of, load_module

if TYPE_CHECKING:
    import keras

    from iin_tf.first_stages import FirstStage

_PARTS = ("x", "labels", "source", "id")


def is_own(config: Any) -> bool:
    """Whether the config takes its data or its first stage from the user's own functions."""
    return config.data.source == "python" or config.first_stage.kind == "python"


def find_function(config: Any, name: str) -> Callable:
    """The function of that name in the file `config.code`.

    Raises:
      InputError: the config names no file, the file fails, or it has no such function.
    """
    if not config.code:
        raise InputError(f"code is empty; give the Python file that has the function {name}")
    function = getattr(_module(config.code), name, None)
    if not callable(function):
        raise InputError(f"code: {config.code} has no function {name}; give it one")
    return function


# The same module for all functions and both splits, so that it loads its model once.
@functools.cache
def _module(path):
    return load_module(path, "code")


def own_data(config: Any, split: str) -> Examples:
    """What `get_data(config, split)` gives, as Examples.

    Args:
      config: ConfigDict.
      split: "train" or "test".

    Raises:
      InputError: the function raises, or returns something else.
    """
    function = find_function(config, "get_data")
    with code_of(config.code, "get_data"):
        found = function(config, split)
    if isinstance(found, Examples):
        return found
    wanted = "Examples, or a dict with x, labels and, if you like, source and id"
    if not isinstance(found, Mapping):
        raise InputError(
            f"get_data of {config.code} is to return {wanted}, and returned {shown(found)} for "
            f"{split!r}"
        )
    missing = [name for name in ("x", "labels") if name not in found]
    unknown = [name for name in found if name not in _PARTS]
    if missing or unknown:
        raise InputError(
            f"get_data of {config.code} is to return {wanted}, and returned a dict with "
            f"{list(found)} for {split!r}"
        )
    try:
        rows = len(found["x"])
        return Examples(**{"source": range(rows), **found})
    except (TypeError, InputError) as error:
        raise InputError(f"get_data of {config.code}, for {split!r}: {error}") from error


def check_own_data(config: Any) -> None:
    """Raises InputError unless the file has a function `get_data`."""
    find_function(config, "get_data")


def own_first_stage(config: Any) -> "FirstStage":
    """What `get_first_stage(config)` gives.

    Raises:
      InputError: the function raises, or returns no FirstStage.
    """
    from iin_tf.first_stages import FirstStage

    function = find_function(config, "get_first_stage")
    with code_of(config.code, "get_first_stage"):
        found = function(config)
    if not isinstance(found, FirstStage):
        raise InputError(
            f"get_first_stage of {config.code} is to return an iin_tf.first_stages.FirstStage, "
            f"such as FunctionFirstStage(encode, latent_size=N, noise=0.1), and returned "
            f"{shown(found)}"
        )
    return found


def has_callbacks(path: str) -> bool:
    """Whether the Python file at `path` has a function `get_callbacks`."""
    return callable(getattr(_module(path), "get_callbacks", None))


def own_callbacks(config: Any) -> "list[keras.callbacks.Callback]":
    """What `get_callbacks(config)` gives; nothing where the file `config.code` has none.

    Raises:
      InputError: the function raises, or returns something else than callbacks.
    """
    if not config.code or not has_callbacks(config.code):
        return []
    import keras

    function = find_function(config, "get_callbacks")
    with code_of(config.code, "get_callbacks"):
        found = function(config)
    listed = found if isinstance(found, list | tuple) else [found]
    if not all(isinstance(one, keras.callbacks.Callback) for one in listed):
        raise InputError(
            f"get_callbacks of {config.code} is to return a list of keras.callbacks.Callback, and "
            f"returned {shown(found)}"
        )
    return list(listed)
