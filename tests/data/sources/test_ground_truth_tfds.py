"""Readers of prepared data sets, on tiny ones written by tensorflow-datasets itself."""

import itertools
import sys

import numpy as np
import pytest

from iin_tf.checks import MissingPackage
from iin_tf.data.sources.ground_truth_tfds import read_tfds


def prepare(data_dir, name, features, splits, version="2.0.0"):
    import tensorflow_datasets as tfds

    tfds.dataset_builders.store_as_tfds_dataset(
        name=name,
        version=version,
        features=tfds.features.FeaturesDict(features(tfds.features)),
        split_datasets={part: list(enumerate(rows)) for part, rows in splits.items()},
        data_dir=data_dir,
    )


def test_smallnorb_leaves_the_instance_to_chance(tmp_path):
    names = ["label_category", "label_elevation", "label_azimuth", "label_lighting"]

    def features(kinds):
        picture = kinds.Image(shape=(2, 2, 1))
        labels = {name: kinds.ClassLabel(num_classes=2) for name in [*names, "instance"]}
        return {"image": picture, "image2": picture, **labels}

    examples = []
    for values in itertools.product(*[range(2)] * 5):
        image = np.array(values[:4], np.uint8).reshape(2, 2, 1) + 10 * np.uint8(values[4])
        labels = dict(zip([*names, "instance"], values, strict=True))
        examples.append({"image": image, "image2": image + 99, **labels})
    # Instances are split over the parts, as in the real set.
    splits = {
        part: [example for example in examples if example["instance"] == instance]
        for part, instance in [("train", 0), ("test", 1)]
    }
    prepare(tmp_path, "smallnorb", features, splits)
    ground_truth = read_tfds("smallnorb", tmp_path)
    assert ground_truth.factor_names == ("category", "elevation", "azimuth", "lighting")
    assert ground_truth.factor_sizes == (2, 2, 2, 2)
    rng = np.random.default_rng(0)
    factors = ground_truth.sample_factors(60, rng)
    images = ground_truth.observe(factors, rng).reshape(60, 4)
    np.testing.assert_array_equal(images % 10, factors)
    assert set(images[:, 0] // 10) == {0, 1}


def test_the_newest_version_is_read_by_number(tmp_path):
    def features(kinds):
        names = ["category", "elevation", "azimuth", "lighting"]
        labels = {f"label_{name}": kinds.ClassLabel(num_classes=2) for name in names}
        return {"image": kinds.Image(shape=(1, 1, 1)), **labels}

    for version, grey in (("10.0.0", 10), ("9.3.1", 9)):
        examples = [
            {
                "image": np.full((1, 1, 1), grey, np.uint8),
                **dict(
                    zip(
                        ["label_category", "label_elevation", "label_azimuth", "label_lighting"],
                        values,
                        strict=True,
                    )
                ),
            }
            for values in itertools.product(*[range(2)] * 4)
        ]
        prepare(tmp_path, "smallnorb", features, {"train": examples}, version)
    assert (read_tfds("smallnorb", tmp_path).images == 10).all()


def test_dsprites_is_white_and_has_the_files_factors(tmp_path):
    parts = ["scale", "orientation", "x_position", "y_position"]

    def features(kinds):
        values = {f"value_{part}": kinds.Tensor(shape=(), dtype=np.float32) for part in parts}
        label = kinds.ClassLabel(num_classes=3)
        return {"image": kinds.Image(shape=(2, 2, 1)), "label_shape": label, **values}

    examples = [
        {
            "image": np.full((2, 2, 1), shape == 1, np.uint8),
            "label_shape": shape,
            **{f"value_{part}": index / 2 for part, index in zip(parts, rest, strict=True)},
        }
        for shape, *rest in itertools.product(range(3), *[range(2)] * 4)
    ]
    prepare(tmp_path, "dsprites", features, {"train": examples})
    ground_truth = read_tfds("dsprites", tmp_path)
    assert ground_truth.factor_names == ("shape", "scale", "orientation", "x", "y")
    np.testing.assert_array_equal(ground_truth.factor_values["x"], [0, 0.5])
    factors = np.array([[1, 0, 0, 0, 0], [2, 0, 0, 0, 0]])
    images = ground_truth.observe(factors, np.random.default_rng(0))
    np.testing.assert_array_equal(images[:, 0, 0, 0], [255, 0])


def test_what_is_not_prepared_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"smallnorb is not prepared in .*tfds\.load"):
        read_tfds("smallnorb", tmp_path)
    with pytest.raises(ValueError, match="name is 'mpi3d'"):
        read_tfds("mpi3d", tmp_path)


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    (tmp_path / "dsprites" / "2.0.0").mkdir(parents=True)
    (tmp_path / "dsprites" / "2.0.0" / "dataset_info.json").write_text("{}", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(MissingPackage, match=r"pip install 'iin_tf\[datasets\]'"):
        read_tfds("dsprites", tmp_path)
