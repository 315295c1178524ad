import keras
import numpy as np
import pytest
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.models.classifier import ConvClassifier

SHAPE = (8, 8, 3)


def classifier(**changes):
    return ConvClassifier(
        **{"classes": 3, "latent_size": 5, "channels": 4, "image_shape": SHAPE, **changes}
    )


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (12, *SHAPE), np.uint8)


def compiled(model, optimizer=None):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer or keras.optimizers.SGD(1e-2), loss)
    return model


def test_logits_are_classified_features(images):
    model = classifier()
    features = model.encode(images)
    assert features.shape == (12, 5)
    logits = model.classify(features)
    assert logits.shape == (12, 3)
    np.testing.assert_array_equal(model(images), logits)
    assert logits.dtype == features.dtype == tf.float32


def test_features_are_linear_in_the_layer_before(images):
    # Exact zeros, as a ReLU makes them, would show as many equal values.
    features = classifier().encode(images).numpy()
    assert len(np.unique(features)) == features.size


def test_fit_learns_the_classes():
    labels = np.tile([0, 1, 2], 20)
    images = np.random.default_rng(0).random((60, *SHAPE)).astype(np.float32) * 0.5
    images[np.arange(60), :, :, labels] += 0.5
    model = compiled(classifier(), keras.optimizers.Adam(1e-2))
    model.fit(images, labels, epochs=30, batch_size=20, verbose=0)
    assert (model.predict(images, verbose=0).argmax(1) == labels).mean() == 1.0


def test_every_weight_has_a_gradient(images):
    model = classifier()
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(model(images, training=True)))
    gradients = tape.gradient(loss, model.trainable_variables)
    for gradient, variable in zip(gradients, model.trainable_variables, strict=True):
        assert gradient is not None, variable.path
        assert np.abs(gradient).max() > 0, variable.path


def test_a_seed_fixes_weights_and_training(images):
    labels = np.arange(12) % 3

    def weights(seed):
        model = compiled(classifier(seed=seed))
        model.fit(images, labels, shuffle=False, batch_size=4, verbose=0)
        return model.get_weights()

    for a, b in zip(weights(1), weights(1), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(weights(1)[0], weights(2)[0])


def test_saved_and_loaded_is_the_same_model(images, tmp_path):
    model = compiled(classifier(seed=3))
    model.fit(images, np.arange(12) % 3, verbose=0)
    model.save(tmp_path / "classifier.keras")
    loaded = keras.saving.load_model(tmp_path / "classifier.keras")
    assert loaded.get_config() == model.get_config()
    np.testing.assert_array_equal(loaded.encode(images), model.encode(images))
    np.testing.assert_array_equal(loaded(images), model(images))


def test_mixed_precision_keeps_float32_outputs(images):
    model = classifier(dtype="mixed_bfloat16")
    assert model.encode(images).dtype == tf.float32
    assert model(images).dtype == tf.float32


@pytest.mark.parametrize("size", [0, 1, 5])
def test_any_batch_size(images, size):
    model = classifier()
    assert model.encode(images[:size]).shape == (size, 5)
    assert tf.function(model)(tf.constant(images[:size])).shape == (size, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": 1}, "classes is 1"),
        ({"latent_size": 0}, "latent_size is 0"),
        ({"channels": 0}, "channels is 0"),
        ({"classes": "digit"}, "classes is 'digit'"),
        ({"image_shape": (8, 8)}, "image_shape is"),
        ({"seed": 0.5}, "seed is 0.5"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    with pytest.raises(InputError, match=message):
        classifier(**change)
