"""Data sets with known factors that tensorflow-datasets has prepared in a folder."""

from pathlib import Path

import numpy as np

from iin_tf.checks import choice, path
from iin_tf.data.sources.ground_truth import TableGroundTruth
from iin_tf.data.sources.tfds_builders import prepared_builder, require_tfds

# Data set -> our factor -> its feature; what is left out (smallnorb's instance) is chance.
_FEATURES = {
    "dsprites": {
        "shape": "label_shape",
        "scale": "value_scale",
        "orientation": "value_orientation",
        "x": "value_x_position",
        "y": "value_y_position",
    },
    "shapes3d": {
        "floor_hue": "value_floor_hue",
        "wall_hue": "value_wall_hue",
        "object_hue": "value_object_hue",
        "scale": "value_scale",
        "shape": "label_shape",
        "orientation": "value_orientation",
    },
    "smallnorb": {
        "category": "label_category",
        "elevation": "label_elevation",
        "azimuth": "label_azimuth",
        "lighting": "label_lighting",
    },
}
_BATCH = 1024


def read_tfds(name: str, data_dir: str | Path) -> TableGroundTruth:
    """dSprites, Shapes3D or SmallNORB as tensorflow-datasets has prepared it; no network is used.

    SmallNORB: all splits together; its factors are category, elevation, azimuth and lighting, and
    the instance of the category is left to chance, as in published work.  Images are held in
    memory: 3 GB, 6 GB and 0.5 GB.

    Args:
      name: "dsprites", "shapes3d" or "smallnorb".
      data_dir: the data folder of tensorflow-datasets, often ~/tensorflow_datasets.

    Returns:
      TableGroundTruth with the factors of `read_dsprites` or `read_shapes3d`, or SmallNORB's with
      images uint8 [48600, 96, 96, 1].

    Raises:
      MissingPackage: tensorflow-datasets is not installed.
      InputError: another name, or the data set is not prepared there.
    """
    choice(name, "name", _FEATURES)
    builder = prepared_builder(name, path(data_dir, "data_dir"))
    images, labels = _read(require_tfds(), builder, _FEATURES[name])
    if name == "dsprites":  # stored as 0 and 1
        images *= np.uint8(255)
    return TableGroundTruth(images, labels)


def _read(tfds, builder, features):
    """All splits together: images uint8 [n, h, w, c], and dict factor -> [n]."""
    stored = builder.info.features
    decoders = tfds.decode.PartialDecoding(
        {feature: stored[feature] for feature in ("image", *features.values())}
    )
    count = sum(split.num_examples for split in builder.info.splits.values())
    images = np.empty((count, *stored["image"].shape), dtype=np.uint8)
    labels: dict[str, list] = {factor: [] for factor in features}
    start = 0
    for split in builder.info.splits:
        dataset = builder.as_dataset(split=split, batch_size=_BATCH, decoders=decoders)
        for batch in tfds.as_numpy(dataset):
            stop = start + len(batch["image"])
            images[start:stop] = batch["image"]
            start = stop
            for factor, feature in features.items():
                labels[factor].append(batch[feature])
    return images, {factor: np.concatenate(parts) for factor, parts in labels.items()}
