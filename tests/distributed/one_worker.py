"""Trains a model as one worker of the cluster in TF_CONFIG, or alone without it.

    python one_worker.py KIND FILE

Writes the loss of each of 50 steps and the final weights to FILE, an .npz.
"""

import os
import sys

import keras
import numpy as np
import tensorflow as tf

from iin_tf import FactorLayout, FusedAdam, InterpretationNetwork
from iin_tf.data import ArrayLatents, GroupSampler, PairSampler, group_dataset, pair_dataset
from iin_tf.data.pipeline_options import with_options
from iin_tf.models.autoencoder import VariationalAutoencoder
from iin_tf.models.classifier import ConvClassifier
from iin_tf.models.judges import categorical_judge, continuous_judge

STEPS, BATCH, SHAPE = 50, 15, (8, 8, 3)
LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)


def latents():
    random = np.random.default_rng(0)
    labels = {name: random.integers(4, size=400) for name in LAYOUT.factor_names}
    mean = random.normal(size=(400, 6)) + labels["digit"][:, None]
    return ArrayLatents(mean, np.full(6, -4.0)), labels


def network(batches):
    made = InterpretationNetwork(LAYOUT, blocks=2, hidden=16, depth=1, seed=0)
    made.compile(FusedAdam(1e-3, global_clipnorm=5.0))
    return made, batches


def pairs():
    store, labels = latents()
    sampler = PairSampler(labels, list(labels), seed=0)
    return network(pair_dataset(store, sampler, BATCH, marginal_fraction=0.2))


def groups():
    store, labels = latents()
    return network(group_dataset(store, GroupSampler(labels, list(labels), seed=0), BATCH))


def images(*labels):
    rows = np.random.default_rng(1).integers(0, 256, (90, *SHAPE), np.uint8)
    data = tf.data.Dataset.from_tensor_slices((rows, *labels) if labels else rows)
    return with_options(data.repeat().batch(BATCH))


def compiled(model, loss=None):
    # In units of the loss, not Adam's: a gradient of another length shows.
    model.compile(keras.optimizers.SGD(1e-3), loss)
    return model


def autoencoder():
    return compiled(VariationalAutoencoder(6, channels=4, hidden=16, image_shape=SHAPE)), images()


def classes():
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return loss, images(np.random.default_rng(2).integers(3, size=90))


def classifier():
    loss, data = classes()
    return compiled(ConvClassifier(3, 5, channels=4, image_shape=SHAPE), loss), data


def judge_of_classes():
    loss, data = classes()
    return compiled(categorical_judge(SHAPE, 3), loss), data


def judge_of_values():
    values = np.random.default_rng(3).random((90, 2), np.float32)
    return compiled(continuous_judge(SHAPE, 2), keras.losses.MeanAbsoluteError()), images(values)


def strategy():
    if "TF_CONFIG" in os.environ:
        return tf.distribute.MultiWorkerMirroredStrategy()
    return tf.distribute.get_strategy()


if __name__ == "__main__":
    # Before any operation of TensorFlow.
    with strategy().scope():
        model, data = globals()[sys.argv[1]]()
    # The loss of an epoch is that of all workers.
    history = model.fit(data, epochs=STEPS, steps_per_epoch=1, shuffle=False, verbose=0)
    weights = {str(number): one.numpy() for number, one in enumerate(model.trainable_variables)}
    np.savez(sys.argv[2], losses=history.history["loss"], **weights)
