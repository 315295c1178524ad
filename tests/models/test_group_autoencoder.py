import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from iin_tf.models.autoencoder import VariationalAutoencoder
from iin_tf.models.group_autoencoder import (
    GroupAutoencoder,
    average_shared,
    shared_dimensions,
)
from iin_tf.models.loading import load_model

tfd = tfp.distributions
SETTINGS = {"latent_size": 6, "channels": 4, "hidden": 16, "image_shape": (8, 8, 3), "seed": 1}


def posteriors(pairs=5):
    return np.random.default_rng(0).normal(size=(2, 2 * pairs, 6)).astype(np.float32)


def test_shared_dimensions_follow_the_divergence():
    mean, log_variance = (values.reshape(5, 2, 6) for values in posteriors())
    first, second = (
        tfd.Normal(mean[:, place], np.exp(0.5 * log_variance[:, place])) for place in (0, 1)
    )
    divergence = tfd.kl_divergence(first, second).numpy()
    middle = (divergence.min(axis=1) + divergence.max(axis=1)) / 2
    found = shared_dimensions(mean, log_variance).numpy()
    np.testing.assert_array_equal(found, divergence < middle[:, None])
    # The dimension that differs most is never shared, the one that differs least always is.
    assert not found[np.arange(5), divergence.argmax(axis=1)].any()
    assert found[np.arange(5), divergence.argmin(axis=1)].all()


def test_half_a_pair_is_refused():
    with pytest.raises(tf.errors.InvalidArgumentError, match="give an even number of images"):
        average_shared(*(values[:3] for values in posteriors()))


def test_members_agree_in_what_they_share_and_keep_the_rest():
    mean, log_variance = posteriors()
    shared = np.repeat(shared_dimensions(*(v.reshape(5, 2, 6) for v in (mean, log_variance))), 2, 0)
    averaged = [part.numpy() for part in average_shared(mean, log_variance)]
    for before, after, scale in zip(
        (mean, log_variance), averaged, (lambda v: v, np.exp), strict=True
    ):
        np.testing.assert_array_equal(after[~shared], before[~shared])
        expected = np.repeat(scale(before).reshape(5, 2, 6).mean(axis=1), 2, axis=0)
        # float32.
        np.testing.assert_allclose(scale(after)[shared], expected[shared], rtol=1e-5, atol=1e-6)


def test_training_takes_pairs_and_the_rest_single_images(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 3), np.uint8)
    model = GroupAutoencoder(**SETTINGS)
    model.compile(keras.optimizers.SGD(1e-3))
    before = model.evaluate(images, verbose=0, return_dict=True)["loss"]
    model.fit(tf.data.Dataset.from_tensors(images).repeat(), steps_per_epoch=20, verbose=0)
    assert model.evaluate(images, verbose=0, return_dict=True)["loss"] < before
    assert model.encode(images[:3])[0].shape == (3, 6)
    model.save(tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    assert isinstance(again, GroupAutoencoder)
    np.testing.assert_array_equal(again.encode(images)[0], model.encode(images)[0])


def test_pairs_of_equal_images_train_as_the_autoencoder_does():
    # Equal posteriors leave no dimension below the middle, so nothing is averaged.
    images = np.repeat(np.random.default_rng(0).random((4, 8, 8, 3), np.float32), 2, axis=0)
    losses = []
    for kind in (VariationalAutoencoder, GroupAutoencoder):
        model = kind(**SETTINGS)
        model.compile(keras.optimizers.SGD(1e-3))
        losses.append(model.train_on_batch(images))
    # float32; the same arithmetic, in another order.
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)
