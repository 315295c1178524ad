import keras
import numpy as np
import tensorflow as tf

from iin_tf.models.autoencoder import VariationalAutoencoder

SHAPE = (8, 16, 3)


def autoencoder():
    model = VariationalAutoencoder(6, channels=4, hidden=16, image_shape=SHAPE)
    model.compile(keras.optimizers.SGD(1e-3))
    return model


def test_two_replicas_train_as_one_device(strategy):
    images = np.random.default_rng(0).integers(0, 256, (24, *SHAPE), np.uint8)
    dataset = tf.data.Dataset.from_tensor_slices(images).repeat().batch(8)
    with strategy.scope():
        model = autoencoder()
    many = model.fit(dataset, steps_per_epoch=4, verbose=0)
    single = autoencoder()
    one = single.fit(dataset, steps_per_epoch=4, verbose=0)
    # Sums over half batches are rounded differently.
    np.testing.assert_allclose(many.history["loss"], one.history["loss"], rtol=1e-5)
    for a, b in zip(model.get_weights(), single.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
