"""A run's results for TensorBoard: scalars, pictures, and the projector coloured by factor."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf
from matplotlib import image
from tensorboard.plugins import projector

from iin_tf import files
from iin_tf.reporting.figures import in_color
from iin_tf.results import Result, Results

# The projector draws in a browser: more points, or a larger sprite, make it stall.
_MOST_POINTS = 2000
_SPRITE_SIDE = 4096


def write_tensorboard(
    directory: Path,
    results: Results,
    pictures: Iterable[Path],
    parts: Mapping[str, np.ndarray],
    labels: Mapping[str, np.ndarray],
    images: np.ndarray | None = None,
) -> None:
    """Writes one TensorBoard run, whole or not at all; what stood at `directory` is replaced.

    Args:
      directory: of the run, below the log directory that TensorBoard is given.
      results: one scalar each, described by title, unit and direction; what is not finite is
        left out.
      pictures: PNG files.
      parts: mapping block -> float [n, N_k], the blocks of held-out codes: one embedding each.
      labels: mapping factor -> [n] or [n, c], what points can be coloured by.
      images: uint8 [n, h, w, c] that points are drawn as, or None.
    """
    with files.whole_directory(directory) as temporary:
        with tf.summary.create_file_writer(str(temporary)).as_default(step=0):
            for result in results.values():
                if np.isfinite(result.value):
                    tf.summary.scalar(result.name, result.value, description=_description(result))
            for path in pictures:
                tf.summary.image(path.stem, image.imread(path)[None, ..., :3])
        _write_projector(temporary, parts, labels, images)


def _description(result: Result) -> str:
    """What TensorBoard shows beside a scalar; it reads it as Markdown."""
    return Results([result]).markdown()


def _write_projector(
    directory: Path,
    parts: Mapping[str, np.ndarray],
    labels: Mapping[str, np.ndarray],
    images: np.ndarray | None,
) -> None:
    rows = slice(_MOST_POINTS)
    names, columns = _columns({name: np.asarray(values)[rows] for name, values in labels.items()})
    if names:
        files.write_text(directory / "metadata.tsv", _tsv(names, columns))
    if images is not None:
        sprite, side = _sprite(in_color(images[rows]))
        image.imsave(directory / "sprite.png", sprite)
    config = projector.ProjectorConfig()
    for place, (block, codes) in enumerate(parts.items()):
        # Numbered: a block may be called "metadata", or longer than a file name.
        path = f"block_{place}.tsv"
        np.savetxt(directory / path, codes[rows], fmt="%.5g", delimiter="\t")
        embedding = config.embeddings.add()
        embedding.tensor_name = block
        embedding.tensor_path = path
        if names:
            embedding.metadata_path = "metadata.tsv"
        if images is not None:
            embedding.sprite.image_path = "sprite.png"
            embedding.sprite.single_image_dim.extend(side)
    projector.visualize_embeddings(str(directory), config)


def _columns(labels: Mapping[str, np.ndarray]) -> tuple[list[str], list[list[str]]]:
    """A name and a column of texts for each factor, or for each channel of one."""
    names, columns = [], []
    for name, values in labels.items():
        channels = values.reshape(len(values), -1).T.tolist()
        names += [name] if len(channels) == 1 else [f"{name}/{c}" for c in range(len(channels))]
        columns += [[_cell(value) for value in channel] for channel in channels]
    return [_cell(name) for name in names], columns


def _cell(value: object) -> str:
    """A label or a name as one cell: tabs and line ends would begin another."""
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.4g}" if isinstance(value, float) else " ".join(str(value).split())


def _tsv(names: list[str], columns: list[list[str]]) -> str:
    lines = ["\t".join(row) for row in zip(*columns, strict=True)]
    # The projector takes the first line of a single column for a point.
    header = ["\t".join(names)] if len(names) > 1 else []
    return "\n".join([*header, *lines]) + "\n"


def _sprite(images: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """All images in one square, row by row, and the (width, height) of one of them."""
    side = int(np.ceil(np.sqrt(len(images))))
    step = -(-side * max(images.shape[1:3]) // _SPRITE_SIDE)
    images = images[:, ::step, ::step]
    count, height, width, channels = images.shape
    tiles = np.full((side * side, height, width, channels), 255, images.dtype)
    tiles[:count] = images
    tiles = tiles.reshape(side, side, height, width, channels).transpose(0, 2, 1, 3, 4)
    return tiles.reshape(side * height, side * width, channels), (width, height)
