"""Rows of TFRecord files: found in one pass, read by their places."""

from pathlib import Path
from typing import Any

import numpy as np

from iin_tf.checks import InputError
from iin_tf.data.label_array import label_array
from iin_tf.data.sources.array_files import MOST_CHANNELS
from iin_tf.files import reading

# A record's length, its checksum, the record, its checksum.
_BEFORE, _AFTER = 12, 4
_TOGETHER = 256
# Longer ones are encoded images and the like.
_LONGEST_TEXT = 1000


class TFRecordRows:
    """The feature `key` of the `tf.train.Example`s in TFRecord files, float32 [n, N].

    One pass checks every record's checksum, and keeps where it lies and its small features.  Of
    the records
      `key` is a float_list (or int64_list) of N values, N the same in all;
      "id", where there is one, a bytes_list of one text or an int64_list of one number;
      every other feature of at most 16 values a label: float_list, int64_list, or bytes_list of
      texts of at most 1,000 bytes.  A record without it has an unknown label.

    Attributes:
      shape, dtype: of the rows.

    Args:
      path: of a file that is not compressed, or a folder of such (*.tfrecord*).
      key: name of the feature.

    Raises:
      InputError: a damaged or compressed file, or records that lack the feature.
    """

    def __init__(self, path: Path, key: str):
        self._files, self._key = _files_of(path), key
        self._width, self._is_float = 0, True
        places: list[tuple[int, int, int]] = []
        # Name -> the values of each record; None where some are no label.
        self._columns: dict[str, list[tuple | None] | None] = {}
        for number, file in enumerate(self._files):
            place = 0
            for record in _records(file):
                self._note(record, len(places), f"{file}, record {len(places)}")
                places.append((number, place + _BEFORE, len(record)))
                place += _BEFORE + len(record) + _AFTER
        if not places:
            raise InputError(f"path: {path} holds no records; give at least one")
        self._places = np.array(places)
        self.shape, self.dtype = (len(places), self._width), np.dtype(np.float32)

    def columns(self) -> dict[str, np.ndarray]:
        """What else the records say of themselves."""
        known = {name: values for name, values in self._columns.items() if values is not None}
        return {name: _column(name, values, self.shape[0]) for name, values in known.items()}

    def _note(self, record, row, where):
        import tensorflow as tf

        try:
            features = tf.train.Example.FromString(record).features.feature
        except Exception as error:  # protobuf's own DecodeError has no public base
            raise InputError(f"path: {where} is no tf.train.Example; write one each") from error
        values: Any = _values(features[self._key]) if self._key in features else ()
        if not len(values) or isinstance(values[0], bytes):
            raise InputError(
                f"path: {where} has no numbers {self._key!r}; it has {sorted(features)}"
            )
        if row == 0:
            self._width, self._is_float = len(values), isinstance(values[0], float)
        if (len(values), isinstance(values[0], float)) != (self._width, self._is_float):
            raise InputError(
                f"path: {where} has {len(values)} values {self._key!r}, the first record "
                f"{self._width}; give one length and one kind"
            )
        for name in set(features) - {self._key}:
            self._note_label(name, _values(features[name]), row)

    def _note_label(self, name: str, values: Any, row: int) -> None:
        column = self._columns.setdefault(name, [])
        if column is None or len(values) == 0:
            return
        label = _label(values)
        if label is None:
            self._columns[name] = None
        else:
            column += [None] * (row - len(column)) + [label]

    def read(self, rows: np.ndarray) -> np.ndarray:
        """Some rows, whose numbers rise and are distinct."""
        import tensorflow as tf

        kind = tf.float32 if self._is_float else tf.int64
        features = {self._key: tf.io.FixedLenFeature([self._width], kind)}
        values = np.empty((len(rows), self._width), np.float32)
        for start in range(0, len(rows), _TOGETHER):
            some = slice(start, start + _TOGETHER)
            parsed = tf.io.parse_example(self._records_at(rows[some]), features)
            values[some] = parsed[self._key].numpy()
        return values

    def _records_at(self, rows):
        records = []
        for number in np.unique(self._places[rows, 0]):
            with open(self._files[number], "rb") as file:
                for _, place, length in self._places[rows][self._places[rows, 0] == number]:
                    file.seek(place)
                    records.append(file.read(length))
        return records


def _files_of(path):
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.glob("*.tfrecord*") if file.is_file())
    if not files:
        raise InputError(f"path: {path} holds no *.tfrecord files; give one, or a latent store")
    return files


def _records(file):
    """The records of one file, whose checksums are right."""
    import tensorflow as tf

    try:
        for batch in tf.data.TFRecordDataset(str(file)).batch(_TOGETHER).as_numpy_iterator():
            yield from batch
    except (tf.errors.OpError, OSError) as error:
        raise InputError(
            f"path: {file} is no whole TFRecord file, or compressed ({type(error).__name__}); "
            "write it again, without compression"
        ) from error


def record_places(file: Path) -> list[tuple[int, int]]:
    """Where each record of a TFRecord file begins, and its bytes; nothing else is read.

    Raises:
      InputError: the file cannot be read, or ends within a record.
    """
    places, start = [], 0
    with reading(file), open(file, "rb") as opened:
        size = opened.seek(0, 2)
        while start < size:
            opened.seek(start)
            length = int.from_bytes(opened.read(8), "little")
            places.append((start + _BEFORE, length))
            start += _BEFORE + length + _AFTER
    if start != size:
        raise InputError(f"path: {file} ends within a record; get it again")
    return places


def _values(feature: Any) -> Any:
    kind = feature.WhichOneof("kind")
    return getattr(feature, kind).value if kind else ()


def _label(values: Any) -> tuple | None:
    """The values of a feature as one label, or None where they are something else."""
    if len(values) > MOST_CHANNELS:
        return None
    if isinstance(values[0], bytes):
        if max(map(len, values)) > _LONGEST_TEXT:
            return None
        try:
            return tuple(value.decode() for value in values)
        except UnicodeDecodeError:
            return None
    return tuple(values)


def _column(name, labels, count):
    """Labels of `count` records as an array [count] or [count, channels]."""
    widths = {len(label) for label in labels if label is not None}
    if len(widths) != 1:
        raise InputError(f"path: feature {name!r} has {sorted(widths)} values; give one number")
    width = widths.pop()
    missing = [(None,) * width]
    labels = [missing[0] if label is None else label for label in labels]
    column = label_array(labels + missing * (count - len(labels)), name)
    return column[:, 0] if width == 1 else column
