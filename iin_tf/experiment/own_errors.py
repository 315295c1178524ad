"""Whether an error comes from a user's own code, which the library only called."""

import re
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path

# This package; Python's own library, and what is installed in it.
_PACKAGE = Path(__file__).resolve().parents[1]
_INSTALLED = tuple(
    Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "purelib", "platlib")
)
# As AutoGraph tells frames, in messages of errors that it raises anew.
_FRAME = re.compile(r'File "([^"\n]+)", line (\d+), in (\w+)')


def own_fault(error: BaseException) -> str | None:
    """What a function of the user's raised and where, on one line; None where it was none.

    The user's is all code outside of this package, its program, Python and what is installed in
    it.

    Args:
      error: what was raised.
    """
    for one in chain(error):
        # Where own code called the package, and that failed, the fault is the package's.
        places = [place for place in _places(one) if _is_own(place[0]) or _is_ours(place[0])]
        if places and _is_own(places[-1][0]):
            file, line, name = places[-1]
            text = f"{type(one).__name__}: {_message(one)}"
            return f"{name} of {file} raises {text} ({Path(file).name}:{line})"
    return None


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """What was raised first, and what was raised because of it, in this order."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return reversed(found)


def _places(error):
    frames = traceback.extract_tb(error.__traceback__)
    return [
        *((frame.filename, frame.lineno, frame.name) for frame in frames),
        *_FRAME.findall(str(error)),
    ]


def _is_own(file):
    path = Path(file).resolve()
    # What AutoGraph made of the user's code is gone when the user looks for it.
    if not path.is_file() or "autograph_generated" in path.name:
        return False
    if path == Path(sys.argv[0]).resolve():
        return False
    return not any(path.is_relative_to(library) for library in (_PACKAGE, *_INSTALLED))


def _is_ours(file):
    return Path(file).resolve().is_relative_to(_PACKAGE)


def _message(error):
    # AutoGraph's begins with the frames, which end in a blank line, the error and its text.
    text = str(error).strip()
    if text.startswith("in user code:"):
        text = text.split("\n\n")[-1]
        text = re.sub(rf"^\s*{type(error).__name__}: ", "", text)
    return " ".join(text.split())
