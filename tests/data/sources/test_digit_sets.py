import gzip
import hashlib
import importlib.util
import struct

import numpy as np
import pytest

from iin_tf.checks import MissingInput, MissingPackage
from iin_tf.data.sources.digit_sets import DIGIT_SETS, digit_set
from iin_tf.data.sources.handwriting import Augmentation

tfds = pytest.importorskip("tensorflow_datasets")


@pytest.mark.parametrize("name", DIGIT_SETS)
def test_mock_data_come_padded_and_coloured(name):
    # Under mock_data preparing does nothing, so that "downloading" is what lets it through.
    with tfds.testing.mock_data(num_examples=16):
        examples = digit_set(name, "train", download=True, views=3, images_per_color=4)
    assert len(examples) == 48
    assert examples.x.shape == (48, 32, 32, 3)
    np.testing.assert_array_equal(examples.source, np.tile(np.arange(16), 3))
    np.testing.assert_array_equal(examples.labels["digit"][:16], examples.labels["digit"][16:32])
    border = np.ones((32, 32), bool)
    border[2:30, 2:30] = False
    assert not examples.x[:, border].any()
    np.testing.assert_allclose(
        examples.x.max((1, 2)) / 255, examples.labels["color"], atol=0.51 / 255
    )
    assert len(np.unique(examples.labels["color"], axis=0)) == 3 * 4


def test_missing_data_are_an_error_that_tells_what_to_do(tmp_path):
    with pytest.raises(MissingInput) as error:
        digit_set("mnist", "test", data_dir=tmp_path)
    message = str(error.value)
    assert str(tmp_path / "mnist" / "3.0.1") in message
    assert str(tmp_path / "downloads" / "manual" / "mnist") in message
    assert "t10k-images-idx3-ubyte.gz" in message
    assert "download=True" in message
    assert "\n" not in message


def idx_files(images, labels):
    """The two files of one split, as the original sets have them."""
    header = struct.pack(">4i", 2051, *images.shape)
    yield "images-idx3-ubyte.gz", gzip.compress(header + images.tobytes())
    yield (
        "labels-idx1-ubyte.gz",
        gzip.compress(struct.pack(">2i", 2049, len(labels)) + labels.tobytes()),
    )


def test_files_put_there_by_hand_are_prepared_without_a_network(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    from tensorflow_datasets.image_classification import mnist

    monkeypatch.setattr(mnist, "_TRAIN_EXAMPLES", 12)
    monkeypatch.setattr(mnist, "_TEST_EXAMPLES", 8)
    names = ("mnist", "kmnist")
    url_infos = {name: tfds.builder(name, data_dir=tmp_path).url_infos for name in names}
    monkeypatch.setattr(
        tfds.core.DatasetBuilder, "url_infos", property(lambda self: url_infos[self.name])
    )
    content = {}
    for name in names:
        folder = tmp_path / "downloads" / "manual" / name
        folder.mkdir(parents=True)
        for prefix, count in (("train", 12), ("t10k", 8)):
            images = rng.integers(0, 256, (count, 28, 28), np.uint8)
            labels = rng.integers(0, 10, count).astype(np.uint8)
            content[name, prefix] = images, labels
            for suffix, data in idx_files(images, labels):
                (folder / f"{prefix}-{suffix}").write_bytes(data)
                for info in url_infos[name].values():
                    if info.filename == f"{prefix}-{suffix}":
                        info.size = type(info.size)(len(data))
                        info.checksum = hashlib.sha256(data).hexdigest()
        digit_set(name, "test", data_dir=tmp_path, images_per_color=2)
    for name in names:
        examples = digit_set(name, "test", data_dir=tmp_path, images_per_color=2)
        images, labels = content[name, "t10k"]
        # Preparation shuffles, and the brightest pixel is brought to full intensity.
        color = examples.labels["color"].max(1)[:, None, None]
        grey = examples.x.max(-1)[:, 2:30, 2:30] / color
        nearest = [np.abs(images - view).mean((1, 2)).argmin() for view in grey]
        assert sorted(nearest) == list(range(8))
        np.testing.assert_array_equal(examples.labels["digit"], labels[nearest])


def test_augmentation_is_a_choice():
    with tfds.testing.mock_data(num_examples=8):
        plain = digit_set("mnist", "train", download=True)
        moved = digit_set("mnist", "train", download=True, augmentation=Augmentation())
    np.testing.assert_array_equal(plain.labels["color"], moved.labels["color"])
    assert not np.array_equal(plain.x, moved.x)


def test_missing_packages_are_named(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n: None if n == "tensorflow_datasets" else find(n)
    )
    with pytest.raises(MissingPackage, match="run: pip install tensorflow-datasets"):
        digit_set("mnist", "train")


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="name is 'emnist'"):
        digit_set("emnist", "train")
    with pytest.raises(ValueError, match="split is 'valid'"):
        digit_set("mnist", "valid")
    with pytest.raises(ValueError, match="coloring is 'oil'"):
        digit_set("mnist", "train", coloring="oil")
