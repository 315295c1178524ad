"""Many pictures by number: decoded when they are asked for, all looked at once before work."""

import os
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image
from tqdm import tqdm

from iin_tf.checks import InputError, choice
from iin_tf.data.lazy_rows import LazyRows
from iin_tf.data.sources.image_form import ImageForm
from iin_tf.files import UNREADABLE

CORRUPT = ("refuse", "skip")
# What Pillow raises for damaged files, beside what readers of files raise.
_DAMAGED = (*UNREADABLE, IndexError, Image.DecompressionBombError)
# Decoded together, which bounds what is held beyond what is kept.
_CHUNK = 256


class Pictures:
    """Pictures by number; the first ones that are read are kept in memory.

    Args:
      load: function, number -> uint8 [h, w, c]; called from several threads.
      names: of the pictures, for messages.
      memory: bytes of pictures that are kept.
    """

    def __init__(
        self, load: Callable[[int], np.ndarray], names: Sequence[str], memory: int = 2**30
    ):
        self._load, self.names, self._room = load, names, memory
        self._kept: dict[int, np.ndarray] = {}

    def read(self, rows: np.ndarray) -> np.ndarray:
        """The pictures `rows`, of one form: uint8 [B, h, w, c].

        Raises:
          InputError: one cannot be read.
        """
        found = self._try_all(rows)
        for row, picture in zip(rows, found, strict=True):
            if isinstance(picture, Exception):
                raise InputError(f"{self.names[row]} cannot be read ({_said(picture)})")
        return np.stack([picture for picture in found if isinstance(picture, np.ndarray)])

    def survey(self, rows: np.ndarray) -> dict[int, tuple | Exception]:
        """Row -> the shape of the picture, or why there is none, of all of `rows`."""
        found: dict[int, tuple | Exception] = {}
        with tqdm(total=len(rows), unit=" images", delay=2, disable=None) as progress:
            for start in range(0, len(rows), _CHUNK):
                chunk = rows[start : start + _CHUNK]
                for row, picture in zip(chunk.tolist(), self._try_all(chunk), strict=True):
                    found[row] = picture.shape if isinstance(picture, np.ndarray) else picture
                progress.update(len(chunk))
        return found

    def _try_all(self, rows):
        # Pillow decodes without the interpreter's lock.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(self._try, rows.tolist()))
        for row, picture in zip(rows.tolist(), found, strict=True):
            if isinstance(picture, np.ndarray) and row not in self._kept:
                if picture.nbytes > self._room:
                    break
                self._kept[row] = picture
                self._room -= picture.nbytes
        return found

    def _try(self, row) -> np.ndarray | Exception:
        if row in self._kept:
            return self._kept[row]
        try:
            return self._load(row)
        except _DAMAGED as error:
            return error


def pictures_of_one_form(
    pictures: Pictures, rows: np.ndarray, form: ImageForm, corrupt: str = "refuse"
) -> tuple[LazyRows, np.ndarray]:
    """All pictures `rows` as lazy rows, and which of `rows` they are, int [n].

    Every picture is decoded once, before anything is done with them.

    Args:
      pictures: Pictures.
      rows: int, those to take.
      form: what they are read in.
      corrupt: "refuse" pictures that cannot be read, or "skip" them, with a warning.

    Raises:
      InputError: pictures that cannot be read, or of several sizes or channels; how many, and the
        first of each.
    """
    choice(corrupt, "corrupt", CORRUPT)
    shapes = pictures.survey(rows)
    damaged = {row: error for row, error in shapes.items() if isinstance(error, Exception)}
    good = np.array([row for row in rows.tolist() if row not in damaged], np.int64)
    if damaged:
        _report_damaged(pictures.names, damaged, len(rows), corrupt)
    if not len(good):
        raise InputError("no image is left; give at least one that can be read")
    shape = _one_shape(pictures.names, {row: shapes[row] for row in good.tolist()}, form)
    read = LazyRows(lambda some: pictures.read(good[some]), (len(good), *shape), np.uint8)
    return read, good


def _report_damaged(names, damaged, count, corrupt):
    first = "; ".join(f"{names[row]} ({_said(error)})" for row, error in [*damaged.items()][:3])
    text = f"{len(damaged)} of {count} images cannot be read, first: {first}"
    if corrupt == "refuse":
        raise InputError(f"{text}; mend or remove them, or give corrupt='skip'")
    warnings.warn(f"{text}; they are left out", stacklevel=4)


def _one_shape(names, shapes, form):
    """The (height, width, channels) of all pictures."""
    found = dict.fromkeys(shapes.values())
    one = next(iter(found))
    if one[2] > 3 or any(shape[2] != one[2] for shape in found):
        channels = _counted({row: shape[2] for row, shape in shapes.items()}, names)
        raise InputError(
            f"images have channels {channels}, 1 for grey and 4 for partly transparent; give "
            "channels=3 or 1"
        )
    size = form.size or one[:2]
    if any(shape[:2] != size for shape in found):
        sizes = _counted({row: shape[:2] for row, shape in shapes.items()}, names)
        asked = f", and size is {form.size}" if form.size else ""
        raise InputError(
            f"images have sizes {sizes}{asked}; give size, such as 64, and resize='crop', 'fit' or "
            "'stretch'"
        )
    return one


def _counted(values, names):
    """The commonest three values, how often they occur, and the first name of each."""
    first = {value: names[row] for row, value in reversed(values.items())}
    common = Counter(values.values()).most_common()
    text = ", ".join(f"{value} ({count}, first {first[value]})" for value, count in common[:3])
    return f"{text} and {len(common) - 3} more" if len(common) > 3 else text


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
