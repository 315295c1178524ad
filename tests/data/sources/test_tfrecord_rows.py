"""Rows of TFRecord files: found in one pass, with the labels that their records hold."""

import gzip

import numpy as np
import pytest
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.data import LazyRows, array_examples, read_rows

COUNT = 50
X = np.random.default_rng(0).normal(size=(COUNT, 3)).astype(np.float32)
IDS = np.array([f"{row:03}" for row in range(COUNT)])
SPEAKER = np.arange(COUNT) % 4
NAME = np.array(["ö", "b", ""])[np.arange(COUNT) % 3]
PITCH = np.where(np.arange(COUNT) % 5 == 0, np.nan, np.arange(COUNT) / 2)


def record(row, **changes):
    """A `tf.train.Example` with the columns above; what is not known is left out."""
    features = {
        "x": tf.train.Feature(float_list=tf.train.FloatList(value=X[row])),
        "id": tf.train.Feature(bytes_list=tf.train.BytesList(value=[IDS[row].encode()])),
        "speaker": tf.train.Feature(int64_list=tf.train.Int64List(value=[SPEAKER[row]])),
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"\xff\xd8"])),
    }
    if NAME[row]:
        text = tf.train.BytesList(value=[NAME[row].encode()])
        features["name"] = tf.train.Feature(bytes_list=text)
    if np.isfinite(PITCH[row]):
        features["pitch"] = tf.train.Feature(float_list=tf.train.FloatList(value=[PITCH[row]]))
    example = tf.train.Example(features=tf.train.Features(feature=features | changes))
    return example.SerializeToString()


def write_records(path, records):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for one in records:
            writer.write(one)
    return path


def test_rows_and_columns_are_those_that_were_written(tmp_path):
    path = write_records(tmp_path / "z.tfrecord", map(record, range(COUNT)))
    rows, columns = read_rows(path)
    # Of one text that is no label, "image" is left out.
    assert set(columns) == {"id", "speaker", "name", "pitch"}
    known = {"id": IDS, "speaker": SPEAKER, "name": NAME, "pitch": PITCH}
    for name, values in known.items():
        np.testing.assert_array_equal(columns[name], values)
    for index in (3, -1, slice(10, 30), np.arange(COUNT) % 3 == 0, np.array([40, 2, 2, -3])):
        np.testing.assert_array_equal(rows[index], X[index])


def test_they_are_examples_with_labels(tmp_path):
    path = write_records(tmp_path / "z.tfrecord", map(record, range(COUNT)))
    test = array_examples(path, None, "test", test=0.2)
    rows = test.id.astype(int)
    assert len(rows) == 10
    np.testing.assert_array_equal(test.labels["speaker"], SPEAKER[rows])
    assert isinstance(test.x, LazyRows)
    np.testing.assert_array_equal(test.x[:], X[rows])


def test_a_folder_of_records_is_one_source(tmp_path):
    for part in range(3):
        write_records(tmp_path / f"z.tfrecord-0000{part}", map(record, range(part, COUNT, 3)))
    rows, columns = read_rows(tmp_path)
    np.testing.assert_array_equal(rows[::-1], X[columns["id"].astype(int)][::-1])
    np.testing.assert_array_equal(columns["speaker"], SPEAKER[columns["id"].astype(int)])


def test_labels_of_several_channels_may_be_missing_in_records(tmp_path):
    color = tf.train.Feature(float_list=tf.train.FloatList(value=[0.5, 0.25, 1]))
    records = [record(0, color=color), record(1), record(2, color=color), record(3)]
    columns = read_rows(write_records(tmp_path / "z.tfrecord", records))[1]
    row, unknown = [0.5, 0.25, 1], [np.nan] * 3
    np.testing.assert_array_equal(columns["color"], [row, unknown, row, unknown])


def floats(*values):
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([], "holds no records"),
        ([b"no example"], "record 0 is no tf.train.Example"),
        ([record(0), record(1, x=floats(1, 2))], "record 1 has 2 values 'x', the first record 3"),
        ([record(0, x=floats())], r"record 0 has no numbers 'x'; it has \['id', 'image'"),
        ([record(0, y=floats(1)), record(1, y=floats(1, 2))], r"'y' has \[1, 2\] values"),
    ],
)
def test_records_that_do_not_fit_are_named(records, message, tmp_path):
    with pytest.raises(InputError, match=message):
        read_rows(write_records(tmp_path / "z.tfrecord", records))[0]


@pytest.mark.parametrize("damage", [lambda data: data[:-5], gzip.compress, lambda data: b"x" * 99])
def test_damaged_and_compressed_records_are_refused(damage, tmp_path):
    path = write_records(tmp_path / "z.tfrecord", map(record, range(COUNT)))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match="is no whole TFRecord file, or compressed"):
        read_rows(path)


def test_a_key_that_is_not_there_is_named_with_what_is(tmp_path):
    path = write_records(tmp_path / "z.tfrecord", [record(0)])
    with pytest.raises(InputError, match=r"has no numbers 'z'; it has \['id'"):
        read_rows(path, "z")
