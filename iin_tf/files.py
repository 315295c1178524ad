"""Files that are written whole or not at all: a temporary name, then a rename."""

import contextlib
import json
import os
import shutil
import tempfile
import tokenize
import zipfile
import zlib
from pathlib import Path

from iin_tf.checks import InputError

# What the readers of archives, arrays and models raise on a damaged file, or on another kind's.
UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    OSError,
    EOFError,
    RecursionError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)

# What somebody can do about a damaged file.
_MEND = "restore it from a copy, or remove it and run again what wrote it"


@contextlib.contextmanager
def whole_file(path):
    """Yields a temporary path beside `path`; on a clean exit it becomes `path`.

    An error inside the block leaves whatever stood at `path` untouched.
    The temporary name keeps the suffix, because writers choose their format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        dir=path.parent, prefix=f".{path.stem}.", suffix="".join(path.suffixes)
    )
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes private files; the finished one gets the usual rights.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_directory(path):
    """Yields a temporary directory beside `path`; on a clean exit it replaces `path`.

    An error inside the block leaves whatever stood at `path` untouched.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        yield temporary
        temporary.chmod(0o755)
        if path.exists():
            retired = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.old."))
            os.replace(path, retired / path.name)
            os.replace(temporary, path)
            shutil.rmtree(retired)
        else:
            os.replace(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_text(path, text):
    """Writes `text` to `path` as UTF-8, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path, value):
    """Writes `value` to `path` as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def read_json(path, keys=None):
    """The value that the JSON file at `path` holds.

    Args:
      path: of the file.
      keys: mapping name -> type, what the value must have as an object with these names;
        None for a value of any kind.

    Raises:
      InputError: no such file, no JSON, or JSON that lacks a name; the message names the file.
    """
    path = Path(path)
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; run again what writes it") from error
    except (ValueError, RecursionError) as error:
        # A RecursionError's own words are about Python.
        said = "nested too deep" if isinstance(error, RecursionError) else error
        raise InputError(f"{path} is no whole JSON file ({said}); {_MEND}") from error
    for name, kind in (keys or {}).items():
        if not isinstance(value, dict) or not isinstance(value.get(name), kind):
            raise InputError(f"{path} has no {kind.__name__} {name!r}; {_MEND}")
    if keys is not None and not isinstance(value, dict):
        raise InputError(f"{path} holds no JSON object; {_MEND}")
    return value
