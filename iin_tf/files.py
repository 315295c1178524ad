"""Files that are written whole or not at all: a temporary name, then a rename."""

import contextlib
import glob
import json
import os
import shutil
import struct
import tempfile
import tokenize
import zipfile
import zlib
from pathlib import Path

from iin_tf.checks import InputError, MissingInput

try:
    import fcntl
except ImportError:  # Windows: nothing tells there whether a writer lives, so nothing is swept
    fcntl = None

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
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)

# What somebody can do about a damaged file.
_MEND = "restore it from a copy, or remove it and run again what wrote it"

# In the name of everything that is not finished.
_UNFINISHED = "unfinished"


@contextlib.contextmanager
def whole_file(path):
    """Yields a temporary path near `path`; on a clean exit it becomes `path`.

    An error inside the block leaves whatever stood at `path` untouched; what killed writers of
    `path` left behind is removed.  The temporary name keeps the suffix, because writers choose
    their format by it.
    """
    path = Path(path)
    with _unfinished(path) as directory:
        yield directory / path.name
        os.replace(directory / path.name, path)
    _sweep(path)


@contextlib.contextmanager
def whole_directory(path):
    """Yields a temporary directory near `path`; on a clean exit it replaces `path`.

    An error inside the block leaves whatever stood at `path` untouched; what killed writers of
    `path` left behind is removed.
    """
    path = Path(path)
    with _unfinished(path) as directory:
        new, old = directory / path.name, directory / "old"
        new.mkdir()
        yield new
        if path.exists():
            os.replace(path, old)
        try:
            os.replace(new, path)
        except OSError:
            if old.exists():
                os.replace(old, path)
            raise
    _sweep(path)


@contextlib.contextmanager
def _unfinished(path):
    """A directory beside `path` that goes with the block, locked while its writer lives."""
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{path.name}.{_UNFINISHED}."
    directory = Path(tempfile.mkdtemp(dir=path.parent, prefix=prefix))
    try:
        with _locked(directory):
            yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def _locked(path):
    """Holds a lock on `path` that ends with the process, however it ends."""
    if fcntl is None:
        yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        # File systems without locks: nothing is swept there, as no lock can be had.
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _sweep(path):
    """Removes what writers of `path` left unfinished and hold no lock on, as they were killed."""
    if fcntl is None:
        return
    for left in path.parent.glob(f".{glob.escape(path.name)}.{_UNFINISHED}.*/"):
        # Another sweep may have been quicker.
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(left, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            finally:
                os.close(handle)
            shutil.rmtree(left, ignore_errors=True)


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
        raise MissingInput(f"{path} does not exist; run again what writes it") from error
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
def reading(path):
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
