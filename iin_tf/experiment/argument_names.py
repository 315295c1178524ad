"""Arguments of functions by the names of the config keys that their values come from."""

import contextlib
import re
from collections.abc import Iterator, Mapping

from iin_tf.checks import InputError

_DATA = (
    *("path", "paired_path", "labels", "key", "size", "resize", "channels", "corrupt"),
    *("test", "name", "data_dir", "coloring"),
)
# Argument of a source's functions, or what begins its messages -> the key.
OF_DATA = {
    **{name: f"data.{name}" for name in _DATA},
    "folder": "data.path",
    "table": "data.labels",
    "column": "data.labels: column",
}
_FIRST_STAGE = (
    *("path", "application", "classes", "layer", "pool", "encode", "output", "decode", "head"),
    *("noise", "clip", "value_range"),
)
OF_FIRST_STAGE = {name: f"first_stage.{name}" for name in _FIRST_STAGE}
# Which of two files a message is about, its own path in it tells.
OF_PAIRED_DATA = {**OF_DATA, "path": "data.path or data.paired_path"}


@contextlib.contextmanager
def by_config_key(keys: Mapping[str, str]) -> Iterator[None]:
    """Messages of InputErrors, which begin with an argument's name, get its config key instead.

    Args:
      keys: mapping first word of a message -> what to say in its place.
    """
    try:
        yield
    except InputError as error:
        text = str(error)
        # "path: ..." and "path is ...", but not "data.path is ...".
        word = re.match(r"\w+(?=[ :])", text)
        if word is None or word[0] not in keys:
            raise
        raise type(error)(keys[word[0]] + text[word.end() :]) from error
