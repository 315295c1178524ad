"""Pictures of any kind as arrays of one form: their size, their channels, how they get there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image, ImageOps

from iin_tf.checks import InputError, choice, shown, whole

RESIZES = ("refuse", "crop", "fit", "stretch")
_LARGEST = 8192
_FILTER = Image.Resampling.LANCZOS
# Of 16-bit grey levels to 8.
_DEEP = 257


@dataclass(frozen=True)
class ImageForm:
    """What every picture of a set is brought to.

    Attributes:
      size: (height, width) in pixels, or None for the size that they all have.
      resize: "refuse" other sizes; "crop": scaled, the middle cut out; "fit": scaled whole, black
        beside it; "stretch": scaled in each direction by itself.
      channels: 1 (grey), 3 (RGB), or None for what they all have.
    """

    size: tuple[int, int] | None = None
    resize: str = "refuse"
    channels: int | None = None


def image_form(size: Any = None, resize: str = "refuse", channels: int | None = None) -> ImageForm:
    """A checked `ImageForm`; `size` may be one number, the side of a square.

    Raises:
      InputError: another size, word or number of channels; a word without a size.
    """
    choice(resize, "resize", RESIZES)
    if channels is not None and whole(channels, "channels") not in (1, 3):
        raise InputError(f"channels is {channels}; give 1 for grey, 3 for RGB, or None")
    if size is None:
        if resize != "refuse":
            raise InputError(f"resize is {resize!r}, but size is None; give a size, such as 64")
        return ImageForm(None, resize, channels)
    sides = tuple(size) if isinstance(size, tuple | list) else (size, size)
    if len(sides) != 2:
        raise InputError(f"size is {shown(size)}; give a side, (height, width) or None")
    height, width = (whole(side, "size", least=1, most=_LARGEST) for side in sides)
    return ImageForm((height, width), resize, channels)


def read_picture(file: Path | IO[bytes], form: ImageForm) -> np.ndarray:
    """A picture as uint8 [height, width, channels].

    Where the form leaves something open it is as in the file: 1 channel for grey, 3 for colours, 4
    for colours that are partly transparent.  With `channels` those are laid over black.  A photo
    is turned as its camera says; deeper grey is brought to 8 bits.

    Raises:
      InputError: numbers that are no grey levels; whatever Pillow raises for a damaged file.
    """
    with Image.open(file) as picture:
        if form.size is not None and form.resize != "refuse":
            # A large JPEG is decoded at a fraction of its size, still twice what is needed.
            picture.draft(None, (2 * max(form.size), 2 * max(form.size)))
        turned = ImageOps.exif_transpose(picture)
        pixels = _with_channels(turned, form.channels)
        if form.size is not None and form.resize != "refuse":
            height, width = form.size
            pixels = _RESIZERS[form.resize](pixels, (width, height))
        return np.atleast_3d(np.asarray(pixels))


def _with_channels(picture: Image.Image, channels: int | None) -> Image.Image:
    if picture.mode == "I" or picture.mode.startswith("I;16"):
        picture = _of_deep(picture)
    if picture.mode == "F":
        raise InputError("it holds floats, no grey levels; save it with 8 or 16 bits")
    grey = picture.mode in ("1", "L", "LA", "La")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        if picture.getchannel("A").getextrema() != (255, 255):
            if channels is None:
                return picture
            black = Image.new("RGBA", picture.size, "black")
            picture = Image.alpha_composite(black, picture)
    channels = channels or (1 if grey else 3)
    return picture.convert("L" if channels == 1 else "RGB")


def _of_deep(picture: Image.Image) -> Image.Image:
    """Grey of 16 bits as grey of 8; Pillow's own conversion would clip it."""
    levels = np.asarray(picture)
    if levels.min() < 0 or levels.max() > 255 * _DEEP:
        raise InputError("its grey levels take more than 16 bits; save it with 8 or 16")
    return Image.fromarray((levels / _DEEP + 0.5).astype(np.uint8))


_RESIZERS: dict[str, Callable[[Image.Image, tuple[int, int]], Image.Image]] = {
    "crop": lambda picture, size: ImageOps.fit(picture, size, _FILTER),
    "fit": lambda picture, size: ImageOps.pad(picture, size, _FILTER),
    "stretch": lambda picture, size: picture.resize(size, _FILTER),
}
