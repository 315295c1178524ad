"""Pictures of what the blocks hold: swap grids, strips, walks, samples."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from iin_tf.models.walks import random_walk
from iin_tf.reporting.charts import DPI, save_figure
from iin_tf.reporting.labels import chart_label

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

# Latents [B, N] -> images [B, h, w, c] in [0, 1].
Decode = Callable[[np.ndarray], np.ndarray]

_INCH_PER_TILE = 0.55
# White pixels between tiles.
GAP = 2
# The text in a PNG that says where its tiles are.
TILES = "tiles"


def swap_grid(
    network: "InterpretationNetwork",
    decode: Decode,
    z: np.ndarray,
    donors: np.ndarray,
    block: str,
) -> np.ndarray:
    """Recipients down, donors across, `block` exchanged.

    Args:
      network: InterpretationNetwork.
      decode: function, latents [B, N] -> images [B, h, w, c] in [0, 1].
      z: float [r, N], recipients.
      donors: float [d, N].
      block: name of the block that each recipient receives from each donor.

    Returns:
      Tiles [r + 1, d + 1, h, w, c]; the first row and column are the donors and recipients.
    """
    rows, columns = len(z), len(donors)
    recipient = np.repeat(z, columns, axis=0)
    donor = np.tile(donors, (rows, 1))
    edited = decode(network.swap(recipient, donor, [block]).numpy())
    edited = edited.reshape(rows, columns, *edited.shape[1:])
    originals = decode(np.concatenate([z, donors]))
    corner = np.ones_like(originals[:1])
    top = np.concatenate([corner, originals[rows:]])[None]
    return np.concatenate([top, np.concatenate([originals[:rows, None], edited], axis=1)])


def interpolation_strip(
    network: "InterpretationNetwork",
    decode: Decode,
    z: np.ndarray,
    donors: np.ndarray,
    block: str,
    steps: int = 8,
) -> np.ndarray:
    """Each row of `z` moves to its donor's `block`.

    Args:
      network: InterpretationNetwork.
      decode: as in `swap_grid`.
      z: float [r, N], where the paths begin.
      donors: float [r, N].
      block: name of the block that moves.
      steps: tiles of each path, both ends included.

    Returns:
      Tiles [r, steps, h, w, c].
    """
    return _decode_paths(decode, network.interpolate(z, donors, [block], steps=steps).numpy())


def walk_strip(
    network: "InterpretationNetwork",
    decode: Decode,
    z: np.ndarray,
    block: str,
    steps: int = 8,
    seed: int = 0,
) -> np.ndarray:
    """A random walk of `block` from each row of `z`.

    Args:
      network: InterpretationNetwork.
      decode: as in `swap_grid`.
      z: float [r, N], where the walks begin.
      block: name of the block that moves.
      steps: tiles of each walk, its beginning included.
      seed: of the walks.

    Returns:
      Tiles [r, steps, h, w, c].
    """
    return _decode_paths(decode, random_walk(network, z, [block], steps, seed=seed).numpy())


def sample_tiles(
    network: "InterpretationNetwork", decode: Decode, rows: int = 4, columns: int = 8, seed: int = 0
) -> np.ndarray:
    """Samples from the model's marginal, decoded.

    Args:
      network: InterpretationNetwork.
      decode: as in `swap_grid`.
      rows: of the grid.
      columns: of the grid.
      seed: of the samples.

    Returns:
      Tiles [rows, columns, h, w, c].
    """
    images = decode(network.sample(rows * columns, seed=seed).numpy())
    return images.reshape(rows, columns, *images.shape[1:])


def tile_image(tiles: np.ndarray, gap: int = GAP) -> np.ndarray:
    """One image [H, W, 3 or 4] of `tiles` [rows, columns, h, w, c] with white gaps."""
    tiles = in_color(tiles)
    rows, columns, height, width, channels = tiles.shape
    canvas = np.ones((rows, height + gap, columns, width + gap, channels))
    canvas[:, :height, :, :width] = np.clip(tiles, 0, 1).transpose(0, 2, 1, 3, 4)
    canvas = canvas.reshape(rows * (height + gap), columns * (width + gap), channels)
    return canvas[: -gap or None, : -gap or None]


def in_color(images: np.ndarray) -> np.ndarray:
    """Grey images [..., 1] as RGB, which everything draws alike; others as they are."""
    return np.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images


def save_tiles(
    path: str | Path, tiles: np.ndarray, title: str, row_label: str = "", column_label: str = ""
) -> None:
    """Writes `tiles` [rows, columns, h, w, c] as a titled PNG, which holds where its tiles are."""
    rows, columns = tiles.shape[:2]
    size = (1.2 + columns * _INCH_PER_TILE, 0.9 + rows * _INCH_PER_TILE)
    figure = Figure(figsize=size, layout="constrained", dpi=DPI)
    axes = figure.subplots()
    axes.imshow(tile_image(tiles), interpolation="nearest")
    axes.set(title=chart_label(title, 60), ylabel=row_label, xlabel=column_label)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    figure.draw_without_rendering()
    # Where things are now, they stay.
    figure.set_layout_engine("none")
    places = json.dumps(_places(axes, tiles.shape))
    save_figure(figure, path, {TILES: places})


def read_places(path: str | Path) -> dict[str, float] | None:
    """Where the tiles of a PNG are that `save_tiles` wrote; None of any other.

    Returns:
      The parts of width and height where the first tile begins (`left`, `top`), from one to the
      next (`across`, `down`), and of each (`width`, `height`); and `rows` and `columns`.
    """
    with Image.open(path) as image:
        told = image.info.get(TILES)
    return None if told is None else json.loads(told)


def _places(axes, shape):
    rows, columns, height, width = shape[:4]
    box = axes.get_window_extent()
    whole = axes.figure.bbox
    # In pixels of the tiles: the last has no gap behind it.
    across = box.width / whole.width / (columns * (width + GAP) - GAP)
    down = box.height / whole.height / (rows * (height + GAP) - GAP)
    found = {
        "left": box.x0 / whole.width,
        "top": 1 - box.y1 / whole.height,
        "across": across * (width + GAP),
        "down": down * (height + GAP),
        "width": across * width,
        "height": down * height,
    }
    return {"rows": rows, "columns": columns} | {key: round(at, 6) for key, at in found.items()}


def _decode_paths(decode: Decode, paths: np.ndarray) -> np.ndarray:
    images = decode(paths.reshape(-1, paths.shape[-1]))
    return images.reshape(*paths.shape[:2], *images.shape[1:])
