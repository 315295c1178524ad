"""A run's results for TensorBoard: scalars, pictures, and the projector coloured by factor."""

import numpy as np
import tensorflow as tf
from matplotlib import image
from tensorboard.plugins import projector

from iin_tf import files

# The projector draws in a browser: more points, or a larger sprite, make it stall.
_MOST_POINTS = 2000
_SPRITE_SIDE = 4096
_BOUNDS = ("/low", "/high", "/null")


def write_tensorboard(directory, metrics, pictures, parts, labels, images=None):
    """Writes one TensorBoard run, whole or not at all; what stood at `directory` is replaced.

    Args:
      directory: Path of the run, below the log directory that TensorBoard is given.
      metrics: flat dict of numbers; the ends of intervals are left out.
      pictures: PNG files.
      parts: mapping block -> float [n, N_k], the blocks of held-out codes: one embedding each.
      labels: mapping factor -> [n] or [n, c], what points can be coloured by.
      images: uint8 [n, h, w, c] that points are drawn as, or None.
    """
    with files.whole_directory(directory) as temporary:
        with tf.summary.create_file_writer(str(temporary)).as_default(step=0):
            for name, value in metrics.items():
                if not name.endswith(_BOUNDS):
                    tf.summary.scalar(name, value)
            for path in pictures:
                tf.summary.image(path.stem, image.imread(path)[None, ..., :3])
        _write_projector(temporary, parts, labels, images)


def _write_projector(directory, parts, labels, images):
    rows = slice(_MOST_POINTS)
    columns = _columns({name: np.asarray(values)[rows] for name, values in labels.items()})
    files.write_text(directory / "metadata.tsv", _tsv(columns))
    if images is not None:
        sprite, side = _sprite(images[rows])
        image.imsave(directory / "sprite.png", sprite)
    config = projector.ProjectorConfig()
    for block, codes in parts.items():
        np.savetxt(directory / f"{block}.tsv", codes[rows], fmt="%.5g", delimiter="\t")
        embedding = config.embeddings.add()
        embedding.tensor_name = block
        embedding.tensor_path = f"{block}.tsv"
        embedding.metadata_path = "metadata.tsv"
        if images is not None:
            embedding.sprite.image_path = "sprite.png"
            embedding.sprite.single_image_dim.extend(side)
    projector.visualize_embeddings(str(directory), config)


def _columns(labels):
    """A column of texts for each factor, or for each channel of one."""
    columns = {}
    for name, values in labels.items():
        values = values.reshape(len(values), -1).T
        names = [name] if len(values) == 1 else [f"{name}/{c}" for c in range(len(values))]
        form = "%d" if values.dtype.kind in "iub" else "%.4g"
        columns |= {name: [form % v for v in one] for name, one in zip(names, values, strict=True)}
    return columns


def _tsv(columns):
    lines = ["\t".join(row) for row in zip(*columns.values(), strict=True)]
    # The projector takes the first line of a single column for a point.
    header = ["\t".join(columns)] if len(columns) > 1 else []
    return "\n".join([*header, *lines]) + "\n"


def _sprite(images):
    """All images in one square, row by row, and the (width, height) of one of them."""
    side = int(np.ceil(np.sqrt(len(images))))
    step = -(-side * max(images.shape[1:3]) // _SPRITE_SIDE)
    images = images[:, ::step, ::step]
    count, height, width, channels = images.shape
    tiles = np.full((side * side, height, width, channels), 255, images.dtype)
    tiles[:count] = images
    tiles = tiles.reshape(side, side, height, width, channels).transpose(0, 2, 1, 3, 4)
    return tiles.reshape(side * height, side * width, channels), (width, height)
