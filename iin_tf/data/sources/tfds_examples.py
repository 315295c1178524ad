"""Examples of any data set that tensorflow-datasets has prepared in a folder."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from iin_tf.checks import InputError, choice
from iin_tf.data.examples import Examples
from iin_tf.data.lazy_rows import LazyRows
from iin_tf.data.sources.array_files import MOST_CHANNELS
from iin_tf.data.sources.image_form import ImageForm, image_form, read_picture
from iin_tf.data.sources.pictures import Pictures, pictures_of_one_form
from iin_tf.data.sources.splits import SPLITS, in_split
from iin_tf.data.sources.tfds_builders import prepared_builder, require_tfds
from iin_tf.data.sources.tfrecord_rows import record_places

_BATCH = 1024


def tfds_examples(
    name: str,
    split: str,
    data_dir: str | Path | None = None,
    *,
    key: str | None = None,
    size: Any = None,
    resize: str = "refuse",
    channels: int | None = None,
    test: float = 0.2,
    seed: int = 0,
    download: bool = False,
    memory: int = 2**30,
) -> Examples:
    """One split of a data set that tensorflow-datasets has prepared; no network unless asked for.

    Where the set has the parts "train" and "test", these are the splits; otherwise a seeded part of
    all its examples is the test split.  Labels are all its other features of one number, class,
    bool or text, or of up to 16 numbers, by the last part of their names: of celeb_a's
    "attributes/Smiling" it is "Smiling".  Whole numbers that may be negative, other than classes,
    become floats, since a negative class is an unknown one.

    Images stay in the files, encoded, and are decoded when rows are asked for; those that fit into
    `memory` are kept.

    Args:
      name: "cifar10", "name/config" or "name/config:1.0.0".
      split: "train" or "test".
      data_dir: the data folder of tensorflow-datasets, None for its own default.
      key: the feature that is x; None for the one that is an image.
      size: of images, as in `image_folder`.
      resize: as there.
      channels: as there.
      test: fraction of the examples that the test split gets, where the set has no such part.
      seed: of that choice.
      download: whether to fetch and prepare the set where it is not there.
      memory: bytes of decoded images that are kept.

    Returns:
      Examples; x `LazyRows` uint8 [n, h, w, c] of images, an array of others; id and source are row
      numbers.

    Raises:
      MissingPackage: tensorflow-datasets is not installed.
      MissingInput: the set is not there; the message says how it comes there.
      InputError: no such feature, images of several sizes, or another file format.
    """
    choice(split, "split", SPLITS)
    form = image_form(size, resize, channels)
    tfds = require_tfds()
    builder = prepared_builder(name, data_dir, download)
    features = _flat(builder.info.features)
    key = _input(tfds, features, key, name)
    known = {*SPLITS} <= set(builder.info.splits)
    parts = [split] if known else sorted(builder.info.splits)
    is_image = isinstance(features[key], tfds.features.Image)
    columns = _columns(tfds, builder, parts, features, [] if is_image else [key])
    count = sum(builder.info.splits[part].num_examples for part in parts)
    rows = np.arange(count)
    if not known:
        rows = in_split(split, None, rows, test, seed)
    if is_image:
        x, rows = _images(builder, parts, key, form, rows, memory)
    else:
        x = columns.pop(key)[rows]
    labels = {label: values[rows] for label, values in _named(columns).items()}
    return Examples(x, labels, rows, rows)


def _flat(features: Any) -> dict[str, Any]:
    """Path with "/" -> feature, of the features of one example, however nested."""
    found: dict[str, Any] = {}
    for name, feature in features.items():
        inner = _flat(feature) if hasattr(feature, "items") else {}
        found |= {f"{name}/{path}": one for path, one in inner.items()} or {name: feature}
    return found


def _input(tfds: Any, features: dict, key: str | None, name: str) -> str:
    """The path of the feature that is x."""
    if key is None:
        images = [path for path, one in features.items() if isinstance(one, tfds.features.Image)]
        if len(images) != 1:
            raise InputError(f"key is None, but {name} has the images {images}; name one feature")
        return images[0]
    return choice(key, "key", features)


def _columns(tfds, builder, parts, features, also):
    """Path -> values of all examples, of labels and of `also`, in the order of the files."""
    wanted: dict = {}
    paths = [path for path, one in features.items() if path not in also and _is_label(one)]
    for path in [*paths, *also]:
        place = wanted
        *outer, last = path.split("/")
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = features[path]
    read: dict[str, list] = {path: [] for path in [*paths, *also]}
    for part in parts if read else ():
        dataset = builder.as_dataset(
            split=part,
            decoders=tfds.decode.PartialDecoding(wanted),
            shuffle_files=False,
            # One file after the other; by default 16 are read in turns.
            read_config=tfds.ReadConfig(interleave_cycle_length=1),
        )
        for batch in tfds.as_numpy(dataset.batch(_BATCH)):
            for path, values in _flat(batch).items():
                read[path].append(values)
    return {path: _values(features[path], read[path]) for path in read}


def _is_label(feature: Any) -> bool:
    shape = getattr(feature, "shape", None)
    if not isinstance(shape, tuple) or len(shape) > 1 or None in shape:
        return False
    kind = np.dtype(feature.np_dtype).kind
    return kind in ("biufOSU" if shape == () else "iuf") and max(shape, default=1) <= MOST_CHANNELS


def _values(feature: Any, batches: list) -> np.ndarray:
    values = np.concatenate(batches)
    if values.dtype.kind in "OS":
        return np.array([value.decode("utf-8", "replace") for value in values], np.str_)
    is_class = hasattr(feature, "num_classes")
    if values.dtype.kind == "i" and not is_class and values.size and values.min() < 0:
        return values.astype(np.float64)
    return values


def _named(columns: dict) -> dict:
    """Labels by the last part of their paths, or by all of it where several share that."""
    last = [path.rsplit("/", 1)[-1] for path in columns]
    names = [
        name if last.count(name) == 1 else path.replace("/", ".")
        for name, path in zip(last, columns, strict=True)
    ]
    return dict(zip(names, columns.values(), strict=True))


def _images(builder, parts, key, form: ImageForm, rows, memory) -> tuple[Any, np.ndarray]:
    """The images `rows` of these parts, one after the other, as they are asked for."""
    if builder.info.file_format.value != "tfrecord":
        raise InputError(
            f"name: {builder.name} is stored as {builder.info.file_format.value}; prepare it as "
            "tfrecord"
        )
    places = [
        (file, start, length)
        for part in parts
        for file in builder.info.splits[part].filepaths
        for start, length in record_places(Path(file))
    ]
    # dSprites is stored as 0 and 1.
    white = 255 if builder.name == "dsprites" else 1

    def load(row):
        return np.uint8(white) * read_picture(_encoded(places[row], key), form)

    names = [f"{builder.name}: image {row}" for row in range(len(places))]
    pictures = Pictures(load, names, memory)
    stored = _flat(builder.info.features)[key].shape
    if not _is_certain(stored, form):
        return pictures_of_one_form(pictures, rows, form)
    shape = (len(rows), *pictures.read(rows[:1]).shape[1:])
    return LazyRows(lambda some: pictures.read(rows[some]), shape, np.uint8), rows


def _is_certain(stored: tuple, form: ImageForm) -> bool:
    """Whether all images of the stored shape, None where it is open, come out in one form."""
    resized = form.size is not None and form.resize != "refuse"
    sides = stored[:2]
    one_size = resized or (None not in sides and form.size in (None, sides))
    return one_size and (form.channels is not None or stored[2] in (1, 3))


def _encoded(place, key):
    """The image file that a record holds."""
    import tensorflow as tf

    file, start, length = place
    with open(file, "rb") as opened:
        opened.seek(start)
        record = opened.read(length)
    return io.BytesIO(tf.train.Example.FromString(record).features.feature[key].bytes_list.value[0])
