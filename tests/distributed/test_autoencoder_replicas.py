"""Two replicas train an autoencoder as one device does, however the last batch falls apart."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from iin_tf.models.autoencoder import VariationalAutoencoder
from iin_tf.models.group_autoencoder import GroupAutoencoder

SHAPE = (8, 16, 3)


def autoencoder(kind):
    model = kind(6, channels=4, hidden=16, image_shape=SHAPE)
    model.compile(keras.optimizers.SGD(1e-3))
    return model


def images(count):
    return np.random.default_rng(0).integers(0, 256, (count, *SHAPE), np.uint8)


def assert_alike(many, single, logs):
    # Sums over parts of a batch are rounded differently.
    for name, values in logs[1].items():
        np.testing.assert_allclose(logs[0][name], values, rtol=1e-5, err_msg=name)
    for a, b in zip(many.get_weights(), single.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_two_replicas_train_as_one_device(strategy):
    dataset = tf.data.Dataset.from_tensor_slices(images(24)).repeat().batch(8)
    assert_alike(*trained_twice(strategy, VariationalAutoencoder, x=dataset, steps_per_epoch=4))


@pytest.mark.parametrize(
    ("kind", "count", "parts"),
    [
        (VariationalAutoencoder, 9, (1, 0)),
        (VariationalAutoencoder, 13, (4, 1)),
        # Pairs stand in neighbouring rows, and no replica can use a half of one.
        (GroupAutoencoder, 14, (4, 2)),
    ],
)
def test_an_uneven_last_batch(strategy, kind, count, parts):
    dataset = batches(images(count))
    last = list(strategy.experimental_distribute_dataset(dataset))[-1]
    assert tuple(len(part) for part in last.values) == parts
    assert_alike(*trained_twice(strategy, kind, x=dataset, validation_data=dataset))


def test_arrays_with_sample_weights_in_an_uneven_last_batch(strategy):
    given = {"x": images(11), "sample_weight": np.linspace(0, 2, 11, dtype=np.float32)}
    twice = trained_twice(strategy, VariationalAutoencoder, **given, batch_size=8, shuffle=False)
    assert_alike(*twice)


def batches(array):
    """Batches of 8, of which every replica is filled with 4 rows before the next gets one."""
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return tf.data.Dataset.from_tensor_slices(array).batch(8).with_options(options)


def trained_twice(strategy, kind, **given):
    """Two replicas' model, one device's, and the history of each."""
    with strategy.scope():
        many = autoencoder(kind)
    single = autoencoder(kind)
    logs = [model.fit(**given, epochs=2, verbose=0).history for model in (many, single)]
    return many, single, logs
