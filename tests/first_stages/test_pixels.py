"""Images made into what a model takes, and the output of a whole model pooled."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from iin_tf.checks import InputError
from iin_tf.first_stages import KerasFirstStage
from iin_tf.first_stages.pixels import Pixels


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), np.uint8)


def test_values_are_brought_into_the_models_range(images):
    numbers = images.astype(np.float64)
    expected = {"0..255": numbers, "0..1": numbers / 255, "-1..1": numbers / 127.5 - 1}
    for values, wanted in expected.items():
        # One product and one sum in float32.
        np.testing.assert_allclose(Pixels((8, 8, 3), values)(images), wanted, atol=1e-6 * 255)


def test_resizing_is_that_of_pillow():
    # A smooth image: the two libraries round and filter its edges alike.
    ramp = np.add.outer(np.arange(64.0), np.arange(64.0)).astype(np.uint8)
    ours = Pixels((64, 64, 1), size=(16, 16), channels=1)(ramp[None, :, :, None])[0, :, :, 0]
    theirs = Image.fromarray(ramp).resize((16, 16), Image.Resampling.BILINEAR)
    # Pillow rounds to whole numbers along each axis, TensorFlow does not.
    assert np.abs(ours - np.asarray(theirs, np.float32)).max() <= 1


def test_grey_images_are_repeated_and_other_channels_refused(images):
    grey = images[..., :1]
    made = Pixels((8, 8, 1))(grey).numpy()
    np.testing.assert_array_equal(made, np.repeat(grey, 3, axis=-1))
    with pytest.raises(InputError, match="images have 2 channels, and the model takes 3"):
        Pixels((8, 8, 2))


def test_a_model_gets_what_prepare_makes_and_keeps_its_head(images):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4, 4, 3))
    hidden = keras.layers.Conv2D(2, 3, activation="relu", name="conv")(inputs)
    outputs = keras.layers.Concatenate()(
        [keras.layers.Flatten()(hidden), keras.layers.Flatten()(inputs)]
    )
    model = keras.Model(inputs, keras.layers.Dense(5)(outputs))
    prepare = Pixels((8, 8, 3), "-1..1", (4, 4))
    stage = KerasFirstStage(model, layer="conv", pool="flatten", noise=0.1, prepare=prepare)
    stage.adapt(images)
    z, _ = stage.encode(images)
    assert stage.head_needs_input
    np.testing.assert_array_equal(stage.head(z, images), model(prepare(images)))
    assert stage.input_spec == tf.TensorSpec([None, 8, 8, 3], tf.uint8)
    with pytest.raises(InputError, match="prepare is 3; give a function"):
        KerasFirstStage(model, layer="conv", pool="flatten", noise=0.1, prepare=3)


def test_the_output_of_a_whole_model_may_have_positions(images):
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3)])
    with pytest.raises(InputError, match=r"has shape \(None, 6, 6, 4\) and pool is None"):
        KerasFirstStage(model, noise=0.1)
    pixels = model(images).numpy()
    stage = KerasFirstStage(model, pool="mean", noise=0.1)
    # A mean of 36 floats of about 200.
    np.testing.assert_allclose(stage.represent(images), pixels.mean(axis=(1, 2)), atol=1e-3)
    assert not stage.has_head
    every = KerasFirstStage(model, pool="positions", noise=0.1)
    np.testing.assert_array_equal(every.represent(images), pixels.reshape(-1, 4))
    np.testing.assert_array_equal(every.places(images)[[0, 36]], [[0, 0], [1, 0]])
