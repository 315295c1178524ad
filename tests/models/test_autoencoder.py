import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from iin_tf.checks import InputError
from iin_tf.models.autoencoder import VariationalAutoencoder

tfd = tfp.distributions
SHAPE = (8, 16, 3)


def autoencoder(**changes):
    settings = {"latent_size": 6, "channels": 4, "hidden": 16, "image_shape": SHAPE, "seed": 1}
    return VariationalAutoencoder(**{**settings, **changes})


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (24, *SHAPE), np.uint8)


def trained(model, images, steps=3, batch=8, optimizer=None):
    model.compile(optimizer or keras.optimizers.SGD(1e-3))
    dataset = tf.data.Dataset.from_tensor_slices(images).repeat().batch(batch)
    model.fit(dataset, steps_per_epoch=steps, verbose=0)
    return model


def test_shapes_and_ranges(images):
    model = autoencoder()
    mean, log_variance = model.encode(images)
    assert mean.shape == log_variance.shape == (24, 6)
    decoded = model.decode(100 * mean)
    assert decoded.shape == (24, *SHAPE)
    assert decoded.dtype == tf.float32
    assert decoded.numpy().min() >= 0
    assert decoded.numpy().max() <= 1


def test_grey_levels_and_unit_floats_are_the_same_images(images):
    model = autoencoder()
    for a, b in zip(model.encode(images), model.encode(images / 255.0), strict=True):
        # One rounding of the division.
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_outputs_without_training_are_those_of_the_mean(images):
    model = autoencoder()
    outputs = model.predict(images, verbose=0)
    mean, log_variance = model.encode(images)
    # Graph and eager mode round differently.
    np.testing.assert_allclose(outputs["mean"], mean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(outputs["log_variance"], log_variance, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(outputs["reconstruction"], model.decode(mean), atol=1e-5)


def test_loss_is_the_negative_evidence_lower_bound(images):
    model = autoencoder(kl_weight=0.02)
    model.compile("sgd")
    outputs = model(images, training=True)
    posterior = tfd.MultivariateNormalDiag(outputs["mean"], tf.exp(outputs["log_variance"] / 2))
    prior = tfd.MultivariateNormalDiag(tf.zeros(6))
    pixels = np.prod(SHAPE)
    scale = np.float32(np.sqrt(0.02 / 2))
    likelihood = tfd.Independent(tfd.Normal(outputs["reconstruction"], scale), 3)
    constant = -pixels * np.log(scale * np.sqrt(2 * np.pi))
    bound = (
        likelihood.log_prob(np.float32(images / 255.0)) - constant - posterior.kl_divergence(prior)
    )
    expected = 0.02 * -tf.reduce_mean(bound)
    actual = model.compute_loss(images, None, outputs)
    np.testing.assert_allclose(actual, expected, rtol=1e-4)  # a sum of 384 float32 squares


def test_reported_metrics_are_per_value_and_per_image(images):
    model = trained(autoencoder(), images, steps=2)
    results = model.evaluate(images, batch_size=5, verbose=0, return_dict=True)
    outputs = model.predict(images, verbose=0)
    error = np.mean((outputs["reconstruction"] - images / 255.0) ** 2)
    np.testing.assert_allclose(results["squared_error"], error, rtol=1e-4)
    loss = error * np.prod(SHAPE) + model.kl_weight * results["kl"]
    np.testing.assert_allclose(results["loss"], loss, rtol=1e-4)


def test_training_samples_the_posterior_by_step(images):
    model = autoencoder()
    model.compile("sgd")

    def sample():
        return model(images, training=True)["reconstruction"].numpy()

    first = sample()
    np.testing.assert_array_equal(first, sample())
    model.optimizer.iterations.assign(1)
    assert np.abs(first - sample()).max() > 1e-3


def test_fit_learns(images):
    images = np.repeat(images[:4], 6, axis=0)
    model = trained(autoencoder(kl_weight=1e-4), images, 1)
    before = model.evaluate(images, verbose=0, return_dict=True)["squared_error"]
    trained(model, images, 300, optimizer=keras.optimizers.Adam(3e-3))
    after = model.evaluate(images, verbose=0, return_dict=True)["squared_error"]
    assert after < 0.3 * before


def test_every_weight_has_a_gradient(images):
    model = autoencoder()
    model.compile("sgd")
    with tf.GradientTape() as tape:
        loss = model.compute_loss(images, None, model(images, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    for gradient, variable in zip(gradients, model.trainable_variables, strict=True):
        assert gradient is not None, variable.path
        assert np.abs(gradient).max() > 0, variable.path


def test_a_seed_fixes_weights_and_training(images):
    weights = [trained(autoencoder(), images).get_weights() for _ in range(2)]
    for a, b in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)
    other = autoencoder(seed=2).get_weights()
    assert not np.array_equal(other[0], autoencoder().get_weights()[0])


def test_saved_and_loaded_is_the_same_model(images, tmp_path):
    model = trained(autoencoder(kl_weight=0.03), images)
    model.save(tmp_path / "autoencoder.keras")
    loaded = keras.saving.load_model(tmp_path / "autoencoder.keras")
    assert loaded.get_config() == model.get_config()
    for a, b in zip(loaded.encode(images), model.encode(images), strict=True):
        np.testing.assert_array_equal(a, b)
    z = np.random.default_rng(0).normal(size=(3, 6)).astype(np.float32)
    np.testing.assert_array_equal(loaded.decode(z), model.decode(z))


def test_mixed_precision_keeps_float32_outputs(images):
    model = trained(autoencoder(dtype="mixed_bfloat16"), images)
    for output in model.predict(images, verbose=0).values():
        assert output.dtype == np.float32
    assert {variable.dtype for variable in model.trainable_variables} == {"float32"}


@pytest.mark.parametrize("size", [0, 1, 5])
def test_any_batch_size(images, size):
    model = autoencoder()
    specification = tf.TensorSpec([None, *SHAPE], tf.uint8)
    for encode in (model.encode, tf.function(model.encode, input_signature=[specification])):
        mean, log_variance = encode(images[:size])
        assert mean.shape == log_variance.shape == (size, 6)
        assert model.decode(mean).shape == (size, *SHAPE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"latent_size": 0}, "latent_size is 0"),
        ({"channels": -1}, "channels is -1"),
        ({"hidden": 0}, "hidden is 0"),
        ({"kl_weight": 0.0}, r"kl_weight is 0\.0"),
        ({"image_shape": (30, 0, 3)}, "image_shape is 0"),
        ({"image_shape": (32, 32)}, r"image_shape is \(32, 32\)"),
        ({"image_shape": (32, 32.0, 3)}, r"image_shape is 32\.0"),
        ({"image_shape": 32}, "image_shape is 32; give"),
        ({"latent_size": 1.5}, "latent_size is 1.5"),
        ({"kl_weight": float("nan")}, "kl_weight is nan"),
        ({"seed": "x"}, "seed is 'x'"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    with pytest.raises(InputError, match=message):
        autoencoder(**change)
