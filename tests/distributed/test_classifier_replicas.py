"""Two replicas train classifiers and judges as one device does, however the batch falls apart."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from iin_tf.models.classifier import ConvClassifier
from iin_tf.models.judges import train_judge

SHAPE = (8, 8, 3)


def classifier(optimizer=None, loss=None):
    model = ConvClassifier(3, 5, channels=4, image_shape=SHAPE)
    loss = loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    # In units of the loss, not Adam's: a gradient of another length shows.
    model.compile(optimizer or keras.optimizers.SGD(1e-2), loss, metrics=["accuracy"])
    return model


def examples(count):
    random = np.random.default_rng(0)
    return random.integers(0, 256, (count, *SHAPE), np.uint8), random.integers(0, 3, count)


def assert_equal_weights(many, single):
    for one, other in zip(many.get_weights(), single.get_weights(), strict=True):
        # Sums of parts are rounded in another order than the sum of all.
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


# Of the last batch of 8 the replicas get 4 and 1, 1 and 0, 3 and 2.
@pytest.mark.parametrize("count", [13, 9, 21])
def test_a_classifier_of_two_replicas(strategy, count):
    images, labels = examples(count)
    with strategy.scope():
        many = classifier()
    single = classifier()
    weights = np.linspace(0, 2, count, dtype=np.float32)
    logs = [
        model.fit(
            uneven_batches(images, labels, weights), validation_data=(images, labels),
            epochs=2, shuffle=False, verbose=0,
        ).history
        for model in (many, single)
    ]  # fmt: skip
    assert_equal_weights(many, single)
    for name, values in logs[1].items():
        np.testing.assert_allclose(logs[0][name], values, rtol=1e-5, err_msg=name)


def test_a_loss_that_is_no_mean_is_refused(strategy):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    classifier(loss=loss)
    with strategy.scope(), pytest.raises(ValueError, match="reduction 'sum', but under several"):
        classifier(loss=loss)


@pytest.mark.parametrize("kind", ["classes", "values"])
def test_a_judge_of_two_replicas_in_odd_batches(strategy, kind):
    images, labels = examples(60)
    if kind == "values":
        labels = (images.mean(axis=(1, 2)) / 255).astype(np.float32)
    # Adam's first steps have the length of the learning rate whatever the gradient's.
    settings = {"steps": 6, "batch_size": 7, "learning_rate": 1e-4}
    single, many = (
        train_judge(images, labels, **settings, strategy=where) for where in (None, strategy)
    )
    assert_equal_weights(many, single)


def uneven_batches(*arrays):
    """Batches of 8, of which every replica is filled with 4 rows before the next gets one."""
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return tf.data.Dataset.from_tensor_slices(arrays).batch(8).with_options(options)
