"""Arguments of functions by the names of the config keys that their values come from."""

import contextlib
import re
from collections.abc import Iterator, Mapping

from iin_tf.checks import InputError

_DATA = (
    *("path", "paired_path", "labels", "key", "size", "resize", "channels", "corrupt"),
    *("test", "name", "data_dir", "coloring", "download"),
)
# Argument of a source's functions, or what begins its messages -> the key.
OF_DATA = {
    **{name: f"data.{name}" for name in _DATA},
    "folder": "data.path",
    "table": "data.labels",
    "column": "data.labels: column",
}
_FIRST_STAGE = (
    *(
        "path",
        "application",
        "classes",
        "layer",
        "pool",
        "image_size",
        "encode",
        "output",
        "decode",
        "head",
    ),
    *("noise", "clip", "value_range"),
)
OF_FIRST_STAGE = {name: f"first_stage.{name}" for name in _FIRST_STAGE}
# Which of two files a message is about, its own path in it tells.
OF_PAIRED_DATA = {**OF_DATA, "path": "data.path or data.paired_path"}

# Arguments by which messages say what to mend.
_MENDS = re.compile(
    r"(?:(?<=\bgive )|(?<=\band )|(?<=\bor ))(?:size|resize|channels|corrupt|download|pool|output|"
    r"image_size|classes|labels)(?=[=:,]| is )"
)


@contextlib.contextmanager
def by_config_key(keys: Mapping[str, str]) -> Iterator[None]:
    """Messages of InputErrors name config keys in place of arguments, at their start and as mends.

    Args:
      keys: mapping argument -> what to say in its place.
    """
    try:
        yield
    except InputError as error:
        text = str(error)
        # "path: ..." and "path is ...", but not "data.path is ...".
        named = re.sub(r"^\w+(?=[ :])", lambda word: keys.get(word[0], word[0]), text)
        # "give size, such as 64, and resize='crop'" too.
        named = _MENDS.sub(lambda word: keys.get(word[0], word[0]), named)
        if named == text:
            raise
        raise type(error)(named) from error
