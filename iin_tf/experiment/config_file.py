"""What is wrong with the config of a command line, in the words of whoever wrote it."""

import importlib.util
import re
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from ml_collections import ConfigDict

from iin_tf.checks import InputError, shown
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
    config = _load(path)
    for key in _overrides(argv):
        _check_key(config, key)


def _load(flag):
    # A text after a colon is the argument of get_config.
    path, _, argument = flag.partition(":")
    if not Path(path).is_file():
        raise InputError(f"--config is {shown(flag)}, which is no file; give one such as configs/*")
    spec = importlib.util.spec_from_file_location("config_file", path)
    if spec is None or spec.loader is None:
        raise InputError(f"--config is {shown(flag)}, which is no Python file; give one")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        if not hasattr(module, "get_config"):
            raise InputError(f"--config: {path} has no function get_config; give it one")
        config = module.get_config(*([argument] if argument else []))
    except InputError:
        raise
    except Exception as error:
        # ConfigDict lists all that it holds.
        text = re.sub(r"\. Other fields present: .*?}\"", "", said(error, path))
        raise InputError(f"--config: {path} raises {text}; mend the file") from error
    if not isinstance(config, ConfigDict):
        raise InputError(
            f"--config: get_config of {path} returns {shown(config)}; return a ConfigDict, such as "
            "default_config()"
        )
    return config


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


def said(error: BaseException, home: str | Path = Path(__file__).parents[1]) -> str:
    """An error's type, message and place on one line.

    Args:
      error: what was raised.
      home: file or directory, this package by default; the place is the last line in there
        that the error went through.
    """
    message = " ".join(str(error).split())
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    if isinstance(error, SyntaxError):
        return text
    frames = traceback.extract_tb(error.__traceback__)
    home = Path(home).resolve()
    own = [frame for frame in frames if Path(frame.filename).resolve().is_relative_to(home)]
    for frame in (own or frames)[-1:]:
        text += f" ({Path(frame.filename).name}:{frame.lineno} in {frame.name})"
    return text
