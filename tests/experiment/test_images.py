"""What the models that are trained here learn from: images of any size, in memory or not."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.data import Examples, LazyRows
from iin_tf.experiment import images, sources
from iin_tf.experiment.config import default_config
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.workdir import Workdir
from iin_tf.training import pretraining

SHAPES = [(28, 28, 1), (10, 7, 3)]


def settings(steps=3):
    config = default_config().first_stage
    config.update(steps=steps, batch_size=8, latent_size=4)
    return config


def some_images(shape, count=32):
    return np.random.default_rng(0).integers(256, size=(count, *shape)).astype(np.uint8)


def lazy(x, read):
    def some(rows):
        read.append(len(rows))
        return x[rows]

    return LazyRows(some, x.shape, x.dtype)


@pytest.mark.parametrize("shape", SHAPES)
def test_first_stages_take_any_size_and_channels(shape):
    x, strategy = some_images(shape), tf.distribute.get_strategy()
    autoencoder = pretraining.train_autoencoder(x, settings(), 0, strategy)
    mean, _ = autoencoder.encode(x[:2])
    assert autoencoder.decode(mean).shape == (2, *shape)
    # A margin that is cut away again takes no part in the loss.
    error = np.mean(np.square(autoencoder.decode(mean) - x[:2] / 255), axis=(1, 2, 3))
    found = autoencoder.evaluate(x[:2], verbose=0, return_dict=True)["squared_error"]
    np.testing.assert_allclose(found, error.mean(), rtol=1e-4)
    classifier = pretraining.train_classifier(x, np.arange(32) % 3, settings(), 0, strategy)
    assert classifier(x[:2]).shape == (2, 3)


def test_what_is_read_from_disk_trains_the_same_model():
    x, read, strategy = some_images((8, 8, 3)), [], tf.distribute.get_strategy()
    labels = np.arange(32) % 2
    for train in (
        lambda images: pretraining.train_autoencoder(images, settings(), 1, strategy),
        lambda images: pretraining.train_classifier(images, labels, settings(), 1, strategy),
    ):
        in_memory, from_disk = train(x), train(lazy(x, read))
        for one, other in zip(in_memory.weights, from_disk.weights, strict=True):
            np.testing.assert_array_equal(one, other)
    # Never more than a batch at once.
    assert set(read) == {8}


def test_floats_are_fractions_before_anything_is_trained():
    config = default_config()
    config.data.source = "arrays"
    fractions = np.random.default_rng(0).random((30, 8, 8, 1), np.float32)
    images.check_images(config, fractions)
    for wrong, message in (
        (255 * fractions, r"float32 \[30, 8, 8, 1\] in \[0\.\d+, 25\d\.?\d*\]: divide them by 255"),
        (np.where(fractions > 0.99, np.nan, fractions), "in .nan, nan.: divide"),
        (fractions[..., 0], r"gives float32 \[30, 8, 8\]"),
        (np.zeros((2, 300, 8, 3), np.uint8), r"gives 300 x 8; give data\.size, such as 64"),
    ):
        with pytest.raises(InputError, match=message) as caught:
            images.check_images(config, wrong)
        assert "\n" not in str(caught.value)


def test_unit_images_are_fractions():
    x = some_images((2, 2, 1))
    np.testing.assert_allclose(images.unit(lazy(x, [])), x / 255, rtol=1e-6)
    np.testing.assert_array_equal(images.unit(np.float16([0, 0.5])), np.float32([0, 0.5]))
    assert images.grey_levels(x) is x
    np.testing.assert_array_equal(images.grey_levels(np.float32([0, 0.2, 1.004])), [0, 51, 255])


def test_splits_of_two_shapes_are_refused(tmp_path, monkeypatch):
    def load(config, split):
        side = 8 if split == "train" else 6
        return Examples(some_images((side, 8, 3)), {"a": np.arange(32) % 2}, np.arange(32))

    monkeypatch.setitem(sources.SOURCES, "two_shapes", sources.Source(load))
    config = default_config()
    config.data.source, config.data.factors = "two_shapes", ("a",)
    with pytest.raises(InputError, match=r"\[8, 8, 3\] in the training split and \[6, 8, 3\]"):
        Experiment(config, Workdir(tmp_path), "none").check_examples()


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.linspace(-1, 1, 192).reshape(1, 8, 8, 3), r"\[-1, 1\]: add 1 and halve them"),
        (np.linspace(-8, 7, 24).reshape(2, 12), r"\[-8, 7\]; rows of a representation take 'none'"),
    ],
)
def test_the_mend_of_floats_suits_their_range_and_shape(x, message):
    with pytest.raises(InputError, match=message):
        images.check_images(default_config(), x.astype(np.float32))


@pytest.mark.parametrize(
    ("dtype", "most", "mend"),
    [
        (np.uint16, 65535, "divide them by the largest value that a pixel can have"),
        (np.int64, 255, "store them as uint8"),
    ],
)
def test_the_mend_of_whole_numbers_says_how_they_are_to_be_stored(dtype, most, mend):
    x = np.linspace(0, most, 192).reshape(1, 8, 8, 3).astype(dtype)
    with pytest.raises(InputError, match=rf"{x.dtype} \[1, 8, 8, 3\] in \[0, {most}\]: {mend}"):
        images.check_images(default_config(), x)


class Reads:
    """A judge that reads the first channel of the first pixel."""

    def read(self, x):
        return x[:, 0, 0, 0]


@pytest.mark.parametrize("rows", [slice(None), np.arange(2500)[::-3]])
def test_decoded_images_are_measured_some_at_a_time(rows):
    x, decoded = some_images((4, 4, 3), 2500), []
    z = np.random.default_rng(1).random((2500, 4 * 4 * 3), np.float32)

    def decode(some):
        decoded.append(len(some))
        return some.reshape(-1, 4, 4, 3)

    labels = {"shade": x[:, 0, 0, 0] / 255}
    read = []
    experiment = SimpleNamespace(
        test_examples=Examples(lazy(x, read), labels, np.arange(2500)),
        store=lambda split: SimpleNamespace(mean=z, labels=labels),
        decode=decode,
        config=default_config(),
    )
    experiment.config.data.factors = ("shade",)
    found = images.measure_decoder(experiment, {"shade": Reads()}, rows)
    assert max(decoded) <= 1024
    assert max(read) <= 1024
    values = {result.name: result.value for result in found}
    off = np.square(z[rows].reshape(-1, 4, 4, 3).astype(float) - x[rows] / 255)
    # Pixels are float32: 24 bits.
    assert values["reconstruction/mse"] == pytest.approx(off.mean(), rel=1e-6)
    assert values["judge/shade/original_error"] == pytest.approx(0, abs=1e-7)
    error = np.abs(z[rows, 0] - x[rows, 0, 0, 0] / 255).mean()
    assert values["judge/shade/reconstruction_error"] == pytest.approx(error, rel=1e-6)
