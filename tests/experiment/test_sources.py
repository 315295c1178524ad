"""Sources that a config names: files in a folder, and one from outside the package."""

import gzip

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.data import Examples
from iin_tf.experiment import sources
from iin_tf.experiment.config import default_config


def idx_folder(folder):
    random = np.random.default_rng(0)
    for part, count in (("train", 20), ("t10k", 10)):
        images = random.integers(256, size=(count, 28, 28)).astype(np.uint8)
        sizes = b"".join(n.to_bytes(4, "big") for n in images.shape)
        content = bytes([0, 0, 8, 3]) + sizes + images.tobytes()
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(content))
        classes = (np.arange(count) % 10).astype(np.uint8)
        content = bytes([0, 0, 8, 1]) + count.to_bytes(4, "big") + classes.tobytes()
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(content)
    return folder


def config_of(**changes):
    config = default_config()
    config.data.update(changes)
    return config


def test_a_folder_of_idx_files_is_coloured_as_the_config_says(tmp_path):
    folder = str(idx_folder(tmp_path))
    config = config_of(source="idx", path=folder, label="kind", views=3, test_views=2)
    sources.check_source(config)
    train, test = (sources.load_examples(config, split) for split in ("train", "test"))
    assert (len(train), len(test)) == (60, 20)
    np.testing.assert_array_equal(train.labels["kind"], train.source % 10)
    assert not set(map(tuple, train.labels["color"])) & set(map(tuple, test.labels["color"]))
    again = sources.load_examples(config, "train")
    np.testing.assert_array_equal(again.x, train.x)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"path": ""}, "data.path is empty"),
        ({"path": "nowhere"}, "nowhere has no pair of files such as train-images"),
        ({"views_change": "color"}, "data.views_change is 'color'"),
        ({"label": "color"}, "data.label is 'color', which is that of the strokes"),
    ],
)
def test_what_an_idx_source_cannot_use_is_said_early(tmp_path, changes, message):
    arguments = {"source": "idx", "path": str(idx_folder(tmp_path)), **changes}
    with pytest.raises(InputError, match=message):
        sources.check_source(config_of(**arguments))


def test_a_source_from_outside_is_one_function_and_one_line(monkeypatch):
    monkeypatch.setattr(sources, "SOURCES", dict(sources.SOURCES))

    def load(config, split):
        count = 6 if split == "train" else 2
        return Examples(np.zeros((count, 4)), {"digit": np.arange(count)}, np.arange(count))

    sources.register_source("mine", sources.Source(load))
    config = default_config()
    config.data.source = "mine"
    sources.check_source(config)
    assert len(sources.load_examples(config, "test")) == 2


def test_the_splits_of_rendered_sprites_share_no_seed():
    config = config_of(source="rendered_sprites", examples=4, test_examples=4)
    config.data.views = config.data.test_views = 1
    train, test = (sources.load_examples(config, split) for split in ("train", "test"))
    assert (train.x != test.x).any()
    assert len(train) == len(test) == 4
