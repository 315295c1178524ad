"""Any prepared data set, on tiny ones that tensorflow-datasets itself has written."""

import sys

import numpy as np
import pytest

from iin_tf.checks import InputError, MissingInput, MissingPackage
from iin_tf.data import LazyRows, tfds_examples


def prepare(data_dir, features, splits, name="mine", version="1.0.0", config=None):
    import tensorflow_datasets as tfds

    tfds.dataset_builders.store_as_tfds_dataset(
        name=name,
        version=version,
        config=config,
        features=tfds.features.FeaturesDict(features(tfds.features)),
        split_datasets={part: list(enumerate(rows)) for part, rows in splits.items()},
        data_dir=data_dir,
    )


def faces(kinds, sides=(6, 8)):
    """As celeb_a: a picture, a dict of attributes, a dict of places."""
    return {
        "image": kinds.Image(shape=(*sides, 3)),
        "attributes": {"Smiling": np.bool_, "Male": np.bool_},
        "landmarks": {"nose_x": np.int64},
        "file": kinds.Text(),
        "box": kinds.Tensor(shape=(4,), dtype=np.float32),
        "mask": kinds.Tensor(shape=(40,), dtype=np.float32),
    }


def face(row, sides=(6, 8)):
    return {
        "image": np.full((*sides, 3), row, np.uint8),
        "attributes": {"Smiling": row % 2 == 0, "Male": row % 3 == 0},
        "landmarks": {"nose_x": row - 5},
        "file": f"{row:04}.jpg",
        "box": np.arange(4, dtype=np.float32) + row,
        "mask": np.zeros(40, np.float32),
    }


@pytest.fixture(scope="module")
def celebrities(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tfds")
    rows = [face(row) for row in range(30)]
    prepare(folder, faces, {"train": rows[:20], "validation": rows[20:22], "test": rows[22:]})
    return folder


def test_nested_features_are_labels_by_their_last_name(celebrities):
    train = tfds_examples("mine", "train", celebrities)
    assert set(train.labels) == {"Smiling", "Male", "nose_x", "file", "box"}
    assert train.x.shape == (20, 6, 8, 3)
    rows = np.asarray(train.x)[:, 0, 0, 0]
    assert sorted(rows) == [*range(20)]
    np.testing.assert_array_equal(train.labels["Smiling"], rows % 2 == 0)
    np.testing.assert_array_equal(train.labels["Male"], rows % 3 == 0)
    # Below zero, and no class: no whole number, whose negatives mean unknown.
    np.testing.assert_array_equal(train.labels["nose_x"], rows - 5.0)
    assert train.labels["file"].tolist() == [f"{row:04}.jpg" for row in rows]
    np.testing.assert_array_equal(train.labels["box"], np.arange(4.0) + rows[:, None])
    test = tfds_examples("mine:1.0.0", "test", celebrities)
    assert sorted(np.asarray(test.x)[:, 0, 0, 0]) == [*range(22, 30)]


def test_images_are_read_when_asked_for_and_resized(celebrities):
    test = tfds_examples("mine", "test", celebrities, size=4, resize="crop", channels=1, memory=0)
    assert isinstance(test.x, LazyRows)
    assert test.x.shape == (8, 4, 4, 1)
    some = test.select([5, 2])
    files = [int(name[:4]) for name in some.labels["file"]]
    np.testing.assert_array_equal(some.x[:][:, 0, 0, 0], files)
    with pytest.raises(InputError, match=r"sizes \(6, 8\) \(8, .*size is \(4, 4\)"):
        tfds_examples("mine", "test", celebrities, size=4)


def test_labels_and_images_of_several_files_stay_together(tmp_path):
    import tensorflow_datasets as tfds

    class Mine(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            features = {"image": tfds.features.Image(shape=(2, 2, 1)), "label": np.int64}
            return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(features))

        def _split_generators(self, dl_manager):
            return {"train": self._generate_examples()}

        def _generate_examples(self):
            for row in range(200):
                yield row, {"image": np.full((2, 2, 1), row, np.uint8), "label": row}

    many = tfds.download.DownloadConfig(num_shards=5)
    Mine(data_dir=tmp_path).download_and_prepare(download_config=many)
    assert len([*tmp_path.glob("mine/1.0.0/*.tfrecord*")]) == 5
    parts = [tfds_examples("mine", part, tmp_path, test=0.3, seed=1) for part in ("train", "test")]
    assert [len(part) for part in parts] == [140, 60]
    for part in parts:
        np.testing.assert_array_equal(np.asarray(part.x)[:, 0, 0, 0], part.labels["label"])
    assert sorted(np.concatenate([part.labels["label"] for part in parts])) == [*range(200)]


def test_any_feature_may_be_x(celebrities):
    test = tfds_examples("mine", "test", celebrities, key="mask")
    assert test.x.shape == (8, 40)
    boxes = tfds_examples("mine", "test", celebrities, key="box")
    np.testing.assert_array_equal(boxes.x[:, 0], [int(name[:4]) for name in boxes.labels["file"]])
    assert "box" not in boxes.labels
    with pytest.raises(InputError, match=r"key is 'picture'; give .*'attributes/Smiling'"):
        tfds_examples("mine", "test", celebrities, key="picture")


def test_images_of_open_size_are_looked_at_first(tmp_path):
    rows = [face(row, (4, 4) if row else (4, 6)) for row in range(6)]
    prepare(tmp_path, lambda kinds: faces(kinds, (None, None)), {"train": rows, "test": rows[1:]})
    with pytest.raises(InputError, match=r"sizes \(4, 4\) \(5, first mine: image .*\(4, 6\) \(1"):
        tfds_examples("mine", "train", tmp_path)
    assert tfds_examples("mine", "test", tmp_path).x.shape == (5, 4, 4, 3)
    assert tfds_examples("mine", "train", tmp_path, size=2, resize="fit").x.shape == (6, 2, 2, 3)


def test_dsprites_is_white(tmp_path):
    def features(kinds):
        return {
            "image": kinds.Image(shape=(2, 2, 1)),
            "label_shape": kinds.ClassLabel(num_classes=3),
        }

    rows = [
        {"image": np.full((2, 2, 1), row % 2, np.uint8), "label_shape": row % 2} for row in range(8)
    ]
    prepare(tmp_path, features, {"train": rows}, "dsprites")
    train = tfds_examples("dsprites", "train", tmp_path)
    np.testing.assert_array_equal(
        np.asarray(train.x)[:, 0, 0, 0], 255 * train.labels["label_shape"]
    )


def test_what_is_not_there_is_answered_with_the_recipe(celebrities, tmp_path, monkeypatch):
    with pytest.raises(
        MissingInput, match=r"cifar10 is not prepared .*tfds.load\('cifar10'.*download=True"
    ):
        tfds_examples("cifar10", "train", tmp_path)
    for download in (False, True):
        # The network is not asked about a name that is nobody's.
        with pytest.raises(MissingInput, match=r"name is 'cifra10', .*the nearest are \['cifar10'"):
            tfds_examples("cifra10", "train", tmp_path, download=download)
    with pytest.raises(MissingInput, match=r"mine:2\.0\.0 is not prepared"):
        tfds_examples("mine:2.0.0", "train", celebrities)
    with pytest.raises(InputError, match="name is 'a b'"):
        tfds_examples("a b", "train", celebrities)
    with pytest.raises(InputError, match="split is 'validation'"):
        tfds_examples("mine", "validation", celebrities)
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(MissingPackage, match=r"pip install 'iin_tf\[datasets\]'"):
        tfds_examples("mine", "train", celebrities)
