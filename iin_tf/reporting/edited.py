"""An edited image as files: the image, the way to it as a strip, and as a GIF."""

from pathlib import Path

import numpy as np
from PIL import Image

# Smaller tiles of strips and GIFs are enlarged to it, by a whole factor.
_HEIGHT = 128
_MILLISECONDS = 80
_GAP = 4


def edit_files(name: str) -> tuple[str, str, str]:
    """The file names of an edit: image, strip, GIF."""
    return f"{name}.png", f"{name}_strip.png", f"{name}.gif"


def save_edit(directory: str | Path, name: str, frames: np.ndarray, every: int = 1) -> None:
    """Writes the files of one edit.

    Args:
      directory: where to; made by the caller.
      name: of the files, without their endings.
      frames: [F, h, w, c] in [0, 1], from the image to the edited one.
      every: the strip shows each so-manieth frame, the first and the last included.
    """
    image, strip, gif = (Path(directory) / file for file in edit_files(name))
    levels = np.round(np.clip(frames, 0, 1) * 255).astype(np.uint8)
    _picture(levels[-1]).save(image)
    factor = max(1, _HEIGHT // levels.shape[1])
    large = levels.repeat(factor, axis=1).repeat(factor, axis=2)
    _picture(_side_by_side(large[::every])).save(strip)
    # There and back, without standing still at either end.
    turn = [_picture(frame).convert("RGB") for frame in (*large, *large[-2:0:-1])]
    turn[0].save(gif, save_all=True, append_images=turn[1:], duration=_MILLISECONDS, loop=0)


def _side_by_side(tiles: np.ndarray) -> np.ndarray:
    """Tiles [T, h, w, c] as one image with white gaps."""
    gap = np.full((len(tiles), tiles.shape[1], _GAP, tiles.shape[3]), 255, np.uint8)
    return np.concatenate([*np.concatenate([tiles, gap], axis=2)], axis=1)[:, :-_GAP]


def _picture(levels: np.ndarray) -> Image.Image:
    return Image.fromarray(levels[..., 0] if levels.shape[-1] == 1 else levels)
