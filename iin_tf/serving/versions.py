"""Versions of an exported model: `<path>/1`, `<path>/2`, ..., as TensorFlow Serving reads them."""

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path

from iin_tf.temporaries import sweep_beside, unfinished


def add_version(path: str | os.PathLike, write: Callable[[Path], None]) -> Path:
    """Adds the next version to the model at `path`, whole or not at all.

    The next version is one above the highest.  Versions that exist are never touched, and
    two exports at the same time get two numbers.

    Args:
      path: directory of the model; made if there is none.
      write: function of the directory, to be filled, that becomes the version.

    Returns:
      `pathlib.Path` of the new version.
    """
    path = Path(path)
    is_new = not path.exists()
    path.mkdir(parents=True, exist_ok=True)
    sweep_beside(path / "version")
    try:
        # Its name is no number: TensorFlow Serving passes over it.
        with unfinished(path / "version") as directory:
            version = directory / "new"
            version.mkdir()
            write(version)
            return _claim(version, path)
    except BaseException:
        if is_new:
            # Unless somebody else has written to it since.
            with contextlib.suppress(OSError):
                path.rmdir()
        raise


def _claim(temporary, path):
    while True:
        version = path / str(_next_number(path))
        try:
            # Fails if the version has come into being in the meantime, because a directory
            # that holds files cannot be renamed away.
            os.rename(temporary, version)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
        else:
            return version


def version_numbers(path: str | os.PathLike) -> list[int]:
    """Numbers of the versions in the model's directory `path`, lowest first."""
    names = [entry.name for entry in Path(path).iterdir()]
    # TensorFlow Serving reads 01 as 1, and we write neither.
    return sorted(int(name) for name in names if name.isascii() and name.isdecimal())


def _next_number(path):
    return 1 + max(version_numbers(path), default=0)
