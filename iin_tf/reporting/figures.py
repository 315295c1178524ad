"""Pictures of what the blocks hold: swap grids, strips, walks, samples, factor sizes."""

import numpy as np
from matplotlib.figure import Figure

from iin_tf import files
from iin_tf.models.walks import random_walk

_INCH_PER_TILE = 0.55


def swap_grid(network, decode, z, donors, block):
    """Tiles [r + 1, d + 1, h, w, c]: recipients down, donors across, `block` exchanged.

    Args:
      network: InterpretationNetwork.
      decode: function, latents [B, N] -> images [B, h, w, c] in [0, 1].
      z: float [r, N], recipients.
      donors: float [d, N].
      block: name of the block that each recipient receives from each donor.
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


def interpolation_strip(network, decode, z, donors, block, steps=8):
    """Tiles [r, steps, h, w, c]: each row of `z` moves to its donor's `block`."""
    return _decode_paths(decode, network.interpolate(z, donors, [block], steps=steps).numpy())


def walk_strip(network, decode, z, block, steps=8, seed=0):
    """Tiles [r, steps, h, w, c]: a random walk of `block` from each row of `z`."""
    return _decode_paths(decode, random_walk(network, z, [block], steps, seed=seed).numpy())


def sample_tiles(network, decode, rows=4, columns=8, seed=0):
    """Tiles [rows, columns, h, w, c] of samples from the model's marginal."""
    images = decode(network.sample(rows * columns, seed=seed).numpy())
    return images.reshape(rows, columns, *images.shape[1:])


def tile_image(tiles, gap=2):
    """One image [H, W, c] of `tiles` [rows, columns, h, w, c] with white gaps."""
    rows, columns, height, width, channels = tiles.shape
    canvas = np.ones((rows, height + gap, columns, width + gap, channels))
    canvas[:, :height, :, :width] = np.clip(tiles, 0, 1).transpose(0, 2, 1, 3, 4)
    canvas = canvas.reshape(rows * (height + gap), columns * (width + gap), channels)
    return canvas[: -gap or None, : -gap or None]


def save_tiles(path, tiles, title, row_label="", column_label=""):
    """Writes `tiles` [rows, columns, h, w, c] as a titled PNG."""
    rows, columns = tiles.shape[:2]
    size = (1.2 + columns * _INCH_PER_TILE, 0.9 + rows * _INCH_PER_TILE)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    axes.imshow(tile_image(tiles), interpolation="nearest")
    axes.set(title=title, ylabel=row_label, xlabel=column_label, xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    _save(figure, path)


def save_factor_sizes(path, sizes):
    """Writes a bar chart of block sizes as a PNG.

    Args:
      path: where to.
      sizes: mapping model -> mapping block -> size, every model with the same blocks.
    """
    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    blocks = list(next(iter(sizes.values())))
    width = 0.8 / len(sizes)
    for place, (model, values) in enumerate(sizes.items()):
        at = np.arange(len(blocks)) + (place - (len(sizes) - 1) / 2) * width
        bars = axes.bar(at, [values[block] for block in blocks], width, label=model)
        axes.bar_label(bars)
    axes.set(ylabel="dimensions", title="Estimated sizes of the blocks")
    axes.set_xticks(range(len(blocks)), blocks)
    axes.margins(y=0.15)
    axes.legend()
    _save(figure, path)


def save_heat_map(path, values, rows, columns, title):
    """Writes `values` [R, C] in [0, 1] as a heat map with its numbers, as a PNG.

    Values outside [0, 1] are drawn in the colour of the nearer end.
    """
    figure = Figure(figsize=(2.2 + 1.1 * len(columns), 1.2 + 0.5 * len(rows)), layout="constrained")
    axes = figure.subplots()
    drawn = axes.imshow(values, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        color = "white" if value > 0.6 else "black"
        # Without a minus before a zero.
        axes.text(column, row, f"{round(value, 2) + 0:.2f}", ha="center", va="center", color=color)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_title(title, fontsize="medium")
    figure.colorbar(drawn)
    _save(figure, path)


def _decode_paths(decode, paths):
    images = decode(paths.reshape(-1, paths.shape[-1]))
    return images.reshape(*paths.shape[:2], *images.shape[1:])


def _save(figure, path):
    with files.whole_file(path) as temporary:
        figure.savefig(temporary, dpi=130)
