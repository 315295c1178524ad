"""What is wrong with the config of a command line, in the words of whoever wrote it."""

import contextlib
import importlib.util
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

from ml_collections import ConfigDict

from iin_tf.checks import InputError, said, shown
from iin_tf.experiment.stages.registry import flat_keys, nearest


def explain_config(argv: Sequence[str]) -> None:
    """Finds what a config flag, or the file that it names, has wrong.

    Args:
      argv: the command line, whose flags could not be read.

    Raises:
      InputError: no such file, one that fails (with the type, the message and the place of what
        it raised), or a key that its config lacks; nothing is raised where all these are right.
    """
    path = _flag(argv, "config")
    if path is None:
        return
    config = load_config(path)
    for key in _overrides(argv):
        _check_key(config, key)


def load_config(flag: str) -> ConfigDict:
    """What `get_config` of a config file returns.

    Args:
      flag: path of the file; a text after a colon is the argument of `get_config`.

    Raises:
      InputError: no such file, or one that fails or returns something else.
    """
    path, _, argument = flag.partition(":")
    module = load_module(path, "--config")
    if not hasattr(module, "get_config"):
        raise InputError(f"--config: {path} has no function get_config; give it one")
    with code_of(path, "--config"):
        config = module.get_config(*([argument] if argument else []))
    if not isinstance(config, ConfigDict):
        raise InputError(
            f"--config: get_config of {path} returns {shown(config)}; return a ConfigDict, such as "
            "default_config()"
        )
    return config


def load_module(path: str, argument: str) -> ModuleType:
    """The module of a Python file of the user's.

    Args:
      path: of the file.
      argument: what messages call it.

    Raises:
      InputError: no such file, or one that fails (with the type, the message and the place of
        what it raised).
    """
    if not Path(path).is_file():
        raise InputError(f"{argument} is {shown(path)}, which is no file; give a Python file")
    spec = importlib.util.spec_from_file_location("config_file", path)
    if spec is None or spec.loader is None:
        raise InputError(f"{argument} is {shown(path)}, which is no Python file; give one")
    module = importlib.util.module_from_spec(spec)
    with code_of(path, argument):
        spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def code_of(path: str, argument: str) -> Iterator[None]:
    """Whatever a user's code in the file `path` raises becomes an InputError that says where."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        # ConfigDict lists all that it holds.
        text = re.sub(r"\. Other fields present: .*?}\"", "", said(error, path))
        raise InputError(f"{argument}: {path} raises {text}; mend the file") from error


def _check_key(config, key):
    known = flat_keys(config.to_dict())
    place = config
    for part in key.split("."):
        if not hasattr(place, "keys") or part not in place:
            likely = [name for name in known if name.count(".") == key.count(".")] or known
            raise InputError(f"--config.{key}: the config has no such key; {nearest(key, likely)}")
        place = place[part]


def _flag(argv, name) -> str | None:
    for place, word in enumerate(argv[1:], start=1):
        if word in (f"--{name}", f"-{name}"):
            return argv[place + 1] if place + 1 < len(argv) else None
        if match := re.fullmatch(rf"--?{name}=(.*)", word, re.DOTALL):
            return match[1]
    return None


def _overrides(argv) -> Iterator[str]:
    for word in argv[1:]:
        if match := re.match(r"--?(?:no)?config\.([^=\[]+)", word):
            yield match[1]
