"""What a user gave wrong, and how messages show it."""

import traceback
from pathlib import Path
from typing import Any

import numpy as np


class InputError(ValueError):
    """What was given cannot be used; the message names it, its value and the mend.

    A user's mistake: programs leave with exit code 2.  Any other error is a fault of the
    library or of the machine.
    """

    # By this, and not by the base class, tf.function sees that it can raise the type again.
    __init__ = Exception.__init__


class MissingInput(InputError, FileNotFoundError):
    """A file or a data set that was asked for is not there."""


class MissingPackage(InputError, ImportError):
    """What was asked for needs a package that is not installed."""


def shown(value: Any) -> str:
    """`repr(value)` on one line of at most 80 characters, whatever it is."""
    if hasattr(value, "shape") and hasattr(value, "dtype") and np.ndim(value):
        return f"a {type(value).__name__} of shape {tuple(value.shape)} and dtype {value.dtype}"
    try:
        text = " ".join(repr(value).split())
    except Exception:  # a broken __repr__ must not hide the mistake that is being reported
        text = f"a {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."


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
