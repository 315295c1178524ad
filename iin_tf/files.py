"""Files that are written whole or not at all: a temporary name, then a rename."""

import contextlib
import json
import os
import shutil
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from iin_tf.checks import InputError, MissingInput, shown
from iin_tf.limits import check_text
from iin_tf.temporaries import replace_directory, sweep_beside, unfinished

# What the readers of archives, arrays and models raise on a damaged file, or on another kind's.
UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    OSError,
    EOFError,
    SyntaxError,
    # Nested too deep, an unknown compression, a password.
    RuntimeError,
    # A header that asks for more than there is.
    MemoryError,
    OverflowError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)

# What somebody can do about a damaged file.
_MEND = "restore it from a copy, or remove it and run again what wrote it"


class NewerFormat(InputError):
    """A file of a format that only a newer version of the package reads."""


def check_format(found: Any, newest: int, what: str) -> None:
    """Refuses a format that this version does not know.

    Args:
      found: the format that a file names, a whole number from 1 on.
      newest: the newest that this version reads.
      what: the file, or what it holds, for the message.

    Raises:
      NewerFormat: it is newer.
      InputError: it is no format.
    """
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise InputError(f"{what} has format {shown(found)}, a number from 1 on is wanted; {_MEND}")
    if found > newest:
        raise NewerFormat(
            f"{what} has format {found}, and this iin_tf reads formats up to {newest}; "
            "update iin_tf"
        )


@contextlib.contextmanager
def whole_file(path: str | os.PathLike, flushed: bool = False) -> Iterator[Path]:
    """Yields a temporary path near `path`; on a clean exit it becomes `path`.

    An error inside the block leaves whatever stood at `path` untouched; what killed writers of
    `path` left behind is removed.  The temporary name keeps the suffix, because writers choose
    their format by it.

    Args:
      path: of the file.
      flushed: whether the file, and then its name, are on the disk when the block ends, so that
        a machine that loses power has them.
    """
    path = Path(path)
    with unfinished(path) as directory:
        yield directory / path.name
        if flushed:
            flush(directory / path.name)
        os.replace(directory / path.name, path)
        if flushed:
            flush(path.parent)
    sweep_beside(path)


def flush(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name != "posix":
        # Windows opens no folders; it writes names by itself.
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def whole_directory(path: str | os.PathLike) -> Iterator[Path]:
    """Yields a temporary directory near `path`; on a clean exit it replaces `path`.

    An error inside the block leaves whatever stood at `path` untouched; what killed writers of
    `path` left behind is removed.

    Args:
      path: of the directory.
    """
    path = Path(path)
    with unfinished(path) as directory:
        # Not the name of what is replaced: that one may be "old".
        new = directory / "new"
        new.mkdir()
        yield new
        replace_directory(new, path)
    sweep_beside(path)


def link(source: str | os.PathLike, target: str | os.PathLike) -> None:
    """Makes `target` another name of the file `source`, or a copy where there are no such names.

    For files that are replaced as a whole, never changed.  A `target` that is there stays.
    """
    if os.path.exists(target):
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def link_tree(source: str | os.PathLike, target: str | os.PathLike) -> None:
    """Does that with all files of a folder; `target` may be there."""
    shutil.copytree(source, target, copy_function=link, dirs_exist_ok=True)


def write_text(path: str | os.PathLike, text: str, flushed: bool = False) -> None:
    """Writes `text` to `path` as UTF-8, whole or not at all; `flushed` as in `whole_file`."""
    with whole_file(path, flushed) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: str | os.PathLike, value: Any, flushed: bool = False) -> None:
    """Writes `value` to `path` as indented JSON, whole or not at all; `flushed` as above."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n", flushed)


def read_json(path: str | os.PathLike, keys: Mapping[str, type] | None = None) -> Any:
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
        check_text(path)
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingInput(f"{path} does not exist; run again what writes it") from error
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); {_MEND}") from error
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


@contextlib.contextmanager
def reading(path: str | os.PathLike) -> Iterator[None]:
    """Whatever reading the file or folder `path` raises becomes an InputError that names it."""
    try:
        yield
    except InputError:
        raise
    except UNREADABLE as error:
        said = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path} cannot be read ({type(error).__name__}: {said}); {_MEND}"
        ) from error
