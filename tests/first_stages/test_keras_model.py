import keras
import numpy as np
import pytest
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.first_stages import KerasFirstStage, representation_noise
from iin_tf.models.autoencoder import VariationalAutoencoder
from iin_tf.models.classifier import ConvClassifier


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (10, 8, 8, 3), np.uint8)


@pytest.fixture(scope="module")
def autoencoder():
    return VariationalAutoencoder(6, channels=4, hidden=8, image_shape=(8, 8, 3))


@pytest.fixture(scope="module")
def classifier():
    return ConvClassifier(3, 5, channels=4, image_shape=(8, 8, 3))


def plain_encoder(outputs=1):
    x = keras.Input((4,))
    dense = [keras.layers.Dense(3)(x) for _ in range(outputs)]
    return keras.Model(x, dense[0] if outputs == 1 else dense)


def test_autoencoder_both_ways(autoencoder, images):
    stage = KerasFirstStage(autoencoder)
    assert stage.latent_size == 6
    assert stage.has_decoder
    for actual, expected in zip(stage.encode(images), autoencoder.encode(images), strict=True):
        np.testing.assert_array_equal(actual, expected)
    z = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    np.testing.assert_array_equal(stage.decode(z), autoencoder.decode(z))


def test_the_users_model_is_left_as_it_was(images):
    encoder = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Conv2D(4, 3),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Flatten(),
            keras.layers.Dense(5),
        ]
    )
    encoder.layers[0].trainable = False
    encoder.compile("sgd", "mse")
    x, y = images.astype(np.float32), np.zeros((10, 5), np.float32)
    encoder.fit(x, y, verbose=0)
    flags = [layer.trainable for layer in (encoder, *encoder.layers)]
    weights, outputs = encoder.get_weights(), encoder.predict(x, verbose=0)
    stage = KerasFirstStage(encoder, noise=0.1)
    stage.adapt(x)
    stage.encode(x)
    assert not stage.trainable_variables
    assert [layer.trainable for layer in (encoder, *encoder.layers)] == flags
    for one, other in zip(encoder.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(encoder.predict(x, verbose=0), outputs)
    # And it goes on training.
    encoder.fit(x, y, verbose=0)
    assert not np.array_equal(encoder.get_weights()[2], weights[2])


def test_gradients_pass_through_to_the_latents(autoencoder):
    stage = KerasFirstStage(autoencoder)
    z = tf.random.stateless_normal([2, 6], [0, 0])
    with tf.GradientTape() as tape:
        tape.watch(z)
        loss = tf.reduce_sum(stage.decode(z))
    assert np.abs(tape.gradient(loss, z)).min() > 0


def test_deterministic_model_gets_noise_once_adapted(classifier, images):
    stage = KerasFirstStage(classifier, noise=0.2)
    for encode in (stage.encode, tf.function(stage.encode)):
        with pytest.raises(ValueError, match="call adapt"):
            encode(tf.constant(images))
    stage.adapt(images, batch_size=4)
    features = classifier.encode(images).numpy()
    mean, log_variance = stage.encode(images)
    np.testing.assert_array_equal(mean, features)
    expected = np.broadcast_to(representation_noise(features, 0.2), features.shape)
    # The convolutions round differently in batches of another size.
    np.testing.assert_allclose(log_variance, expected, rtol=1e-5, atol=1e-5)


def test_a_classifier_has_a_head(classifier, images):
    stage = KerasFirstStage(classifier, noise=0.1)
    assert stage.has_head
    np.testing.assert_array_equal(stage.head(classifier.encode(images)), classifier(images))
    dense = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    other = KerasFirstStage(plain_encoder(), head=dense, noise=0.1)
    z = tf.ones([2, 3])
    np.testing.assert_array_equal(other.head(z), dense(z))
    assert not KerasFirstStage(plain_encoder(), noise=0.1).has_head


def test_classifier_has_no_decoder(classifier):
    stage = KerasFirstStage(classifier, noise=0.1)
    assert not stage.has_decoder
    with pytest.raises(ValueError, match="has no decoder to go back by"):
        stage.decode(tf.zeros([1, 5]))


def test_any_keras_models():
    encoder, decoder = (
        plain_encoder(2),
        keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)]),
    )
    stage = KerasFirstStage(encoder, decoder)
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    mean, log_variance = stage.encode(x)
    np.testing.assert_array_equal(mean, encoder(x)[0])
    np.testing.assert_array_equal(log_variance, encoder(x)[1])
    np.testing.assert_array_equal(stage.decode(mean), decoder(mean))
    assert stage.latent_size == 3


def test_encoder_runs_as_in_inference():
    x = np.ones((4, 8), np.float32)
    encoder = keras.Sequential(
        [keras.Input((8,)), keras.layers.Dropout(0.9), keras.layers.Dense(2)]
    )
    stage = KerasFirstStage(encoder, noise=0.1)
    np.testing.assert_array_equal(stage.represent(x), encoder(x, training=False))


@pytest.mark.parametrize("batch", [0, 1, 3])
def test_any_batch_size_inside_and_outside_of_a_graph(autoencoder, images, batch):
    stage = KerasFirstStage(autoencoder)
    encode = tf.function(stage.encode, input_signature=[tf.TensorSpec([None, 8, 8, 3], tf.uint8)])
    for actual, expected in zip(encode(images[:batch]), stage.encode(images[:batch]), strict=True):
        assert actual.shape == (batch, 6)
        # One rounding of float32 may differ between graph and eager mode.
        np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)


def test_exports_as_part_of_a_module(classifier, images, tmp_path):
    stage = KerasFirstStage(classifier, noise=0.1)
    stage.adapt(images)
    module = tf.Module()
    module.first_stage = stage
    specification = tf.TensorSpec([None, 8, 8, 3], tf.uint8)

    @tf.function(input_signature=[specification])
    def encode(x):
        mean, log_variance = stage.encode(x)
        return {"mean": mean, "log_variance": log_variance}

    tf.saved_model.save(module, str(tmp_path), signatures={"encode": encode})
    loaded = tf.saved_model.load(str(tmp_path)).signatures["encode"](tf.constant(images))
    np.testing.assert_allclose(loaded["mean"], stage.encode(images)[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(loaded["log_variance"], stage.encode(images)[1])


def test_wrong_combinations_are_named(autoencoder, images):
    x = tf.zeros([2, 4])
    with pytest.raises(ValueError, match="returns no log_variance; give noise"):
        KerasFirstStage(plain_encoder()).encode(x)
    with pytest.raises(ValueError, match="leave noise out"):
        KerasFirstStage(plain_encoder(2), noise=0.1).encode(x)
    with pytest.raises(ValueError, match="has 3 outputs"):
        KerasFirstStage(plain_encoder(3)).encode(x)
    with pytest.raises(ValueError, match="nothing to fit; leave adapt out, or give"):
        KerasFirstStage(autoencoder).adapt(images)
    for noise in (-1, 0, float("nan"), "small"):
        with pytest.raises(InputError, match="noise is"):
            KerasFirstStage(plain_encoder(), noise=noise)
    with pytest.raises(InputError, match=r"encoder is 'model.keras'; give a Keras model"):
        KerasFirstStage("model.keras")
    with pytest.raises(InputError, match=r"decoder is <function"):
        KerasFirstStage(plain_encoder(), lambda z: z)
    with pytest.raises(InputError, match=r"latent_size is 4, but .* returns 3"):
        KerasFirstStage(plain_encoder(), noise=0.1, latent_size=4)
    with pytest.raises(InputError, match="latent_size is 0"):
        KerasFirstStage(keras.Sequential([keras.layers.Dense(3)]), latent_size=0)
    convolution = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 2)])
    with pytest.raises(InputError, match=r"has shape \(None, 3, 3, 3\) and pool is None"):
        KerasFirstStage(convolution, noise=0.1)


def test_a_model_of_unknown_width_needs_latent_size():
    class Opaque(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(ValueError, match="latent_size is None and opaque"):
        KerasFirstStage(Opaque(name="opaque"), noise=0.1)
    assert KerasFirstStage(Opaque(), noise=0.1, latent_size=4).latent_size == 4


def test_input_range_is_the_encoders(autoencoder):
    assert KerasFirstStage(autoencoder).input_range == (0.0, 1.0)
    assert KerasFirstStage(plain_encoder(), noise=0.1).input_range is None


def test_input_spec_tells_what_the_encoder_takes(autoencoder):
    assert KerasFirstStage(autoencoder).input_spec == tf.TensorSpec([None, 8, 8, 3], tf.float32)
    tokens = keras.Sequential([keras.Input((5,), dtype="int32"), keras.layers.Embedding(4, 3)])
    stage = KerasFirstStage(tokens, pool="mean", noise=0.1, latent_size=3)
    assert stage.input_spec == tf.TensorSpec([None, 5], tf.int32)
    with pytest.raises(ValueError, match="0 known inputs"):
        _ = KerasFirstStage(keras.Sequential([keras.layers.Dense(3)]), latent_size=3).input_spec
