"""Two replicas train as one device does: losses, weights, ActNorm's start, every last batch."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf import FactorLayout, FusedAdam, InterpretationNetwork
from iin_tf.checks import InputError
from iin_tf.data import KernelLabels, SquaredExponential
from iin_tf.models.non_finite import NonFiniteLoss

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)
N, BATCH, STEPS = LAYOUT.latent_size, 8, 20
OPTIMIZERS = {
    "SGD": lambda: keras.optimizers.SGD(0.01),
    "Adam": lambda: keras.optimizers.Adam(0.001, 0.5, 0.9),
    "FusedAdam": lambda: FusedAdam(
        keras.optimizers.schedules.PolynomialDecay(0.001, 2 * STEPS),
        beta_2=0.9,
        weight_decay=0.1,
        clipnorm=0.1,
    ),
}


@pytest.fixture
def nowhere():
    return tf.distribute.get_strategy()


def data(count=BATCH * STEPS):
    random = np.random.default_rng(0)
    z_a, z_b = random.normal(size=(2, count, N)).astype("float32") * 3 + 1
    return (z_a, z_b), random.integers(-1, 3, count)


def make(strategy, optimizer, **kwargs):
    with strategy.scope():
        network = InterpretationNetwork(
            LAYOUT, **{"blocks": 1, "hidden": 8, "depth": 0, "seed": 0, **kwargs}
        )
        network.compile(optimizer())
    return network


class Losses(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.losses = []

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])


def train(network, x, shared=None):
    """The loss after each step: Keras's running mean."""
    losses = Losses()
    network.fit(x, shared, batch_size=BATCH, shuffle=False, verbose=0, callbacks=[losses])
    return losses.losses


def assert_equal_weights(single, mirrored, **tolerance):
    for one, other in zip(single.variables, mirrored.variables, strict=True):
        np.testing.assert_allclose(one, other, err_msg=one.path, **tolerance)


def assert_replicas_agree(network):
    for weight in [*network.weights, *network.optimizer.variables]:
        first, second = weight.value.values
        np.testing.assert_array_equal(first, second, err_msg=weight.path)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_two_replicas_train_as_one_device(strategy, nowhere, name):
    # The sums of two halves are rounded in another order than the sum of all.
    single, mirrored = (make(where, OPTIMIZERS[name]) for where in (nowhere, strategy))
    losses = [train(network, *data()) for network in (single, mirrored)]
    assert len(losses[0]) == STEPS
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)
    assert_equal_weights(single, mirrored, rtol=0, atol=1e-5)
    assert_replicas_agree(mirrored)
    evaluated = [
        network.evaluate(*data(20), batch_size=BATCH, verbose=0) for network in (single, mirrored)
    ]
    np.testing.assert_allclose(*evaluated, rtol=1e-5)


def test_every_part_of_the_network_is_mirrored(strategy, nowhere):
    choices = {"mixing": "linear", "correlation": "learned", "blocks": 2}
    single, mirrored = (make(where, OPTIMIZERS["SGD"], **choices) for where in (nowhere, strategy))
    x, shared = data(4 * BATCH)
    for network in (single, mirrored):
        train(network, x, np.eye(4, 3, dtype=bool)[shared])
    assert_equal_weights(single, mirrored, rtol=0, atol=1e-5)
    assert_replicas_agree(mirrored)
    assert mirrored.non_finite.first() is None


def test_actnorm_starts_alike(strategy, nowhere):
    single, mirrored = (make(where, OPTIMIZERS["SGD"]) for where in (nowhere, strategy))
    for network in (single, mirrored):
        network.adapt(data()[0][0])
    assert mirrored.adapted.numpy()
    assert_equal_weights(single, mirrored, rtol=0, atol=0)
    assert_replicas_agree(mirrored)


def test_a_last_batch_that_leaves_a_replica_with_nothing(strategy, nowhere):
    single, mirrored = (make(where, OPTIMIZERS["SGD"]) for where in (nowhere, strategy))
    losses, given = [], data(BATCH + 1)
    for network in (single, mirrored):
        train(network, *given)
        evaluated = network.evaluate(*given, batch_size=BATCH, verbose=0)
        losses.append([*network.history.history["loss"], evaluated])
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)
    assert_equal_weights(single, mirrored, rtol=0, atol=1e-5)


def test_without_pairs(strategy, nowhere):
    single, mirrored = (make(where, OPTIMIZERS["SGD"]) for where in (nowhere, strategy))
    # The last batch has three examples: two for the first replica, one for the second.
    losses = []
    for network in (single, mirrored):
        train(network, data(BATCH + 3)[0][0])
        losses.append(network.history.history["loss"])
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)
    assert_equal_weights(single, mirrored, rtol=0, atol=1e-5)


@pytest.mark.parametrize("rows", [4 * BATCH, 2 * BATCH + 3, BATCH + 1])
def test_a_labelled_batch_is_one_over_all_replicas(strategy, nowhere, rows):
    # Groups reach over the replicas; of the last batch these get 2 and 1 rows, or 1 and none.
    z = data(rows)[0][0]
    labels = np.random.default_rng(1).integers(-1, 3, (rows, 2))
    settings = {"batch_size": BATCH, "shuffle": False, "verbose": 0}
    losses = []
    single, mirrored = (
        make(where, OPTIMIZERS["SGD"], correlation="learned") for where in (nowhere, strategy)
    )
    for network in (single, mirrored):
        losses.append(network.fit(z, labels, **settings).history["loss"])
        losses[-1].append(network.evaluate(z, labels, batch_size=BATCH, verbose=0))
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)
    assert_equal_weights(single, mirrored, rtol=0, atol=1e-5)
    assert_replicas_agree(mirrored)


def test_a_continuous_factor_correlates_over_all_replicas(strategy, nowhere):
    z = data(BATCH * 2 + 3)[0][0]
    random = np.random.default_rng(1)
    labels = {
        "digit": KernelLabels(random.uniform(0, 6, len(z)), SquaredExponential(1.0, 6.0)),
        "color": random.integers(-1, 3, len(z)),
    }
    losses = []
    single, mirrored = (
        make(where, OPTIMIZERS["SGD"], correlation=0.9) for where in (nowhere, strategy)
    )
    for network in (single, mirrored):
        settings = {"batch_size": BATCH, "shuffle": False, "verbose": 0}
        losses.append(network.fit(z, labels, **settings).history["loss"])
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)
    assert_equal_weights(single, mirrored, rtol=0, atol=1e-5)
    assert_replicas_agree(mirrored)


def test_a_batch_that_is_not_finite_is_named(strategy):
    (z_a, z_b), shared = data(BATCH)
    z_b[-1, 0] = np.inf
    network = make(strategy, OPTIMIZERS["SGD"])
    network.adapt(z_a)
    batches = tf.data.Dataset.from_tensors(((z_a, z_b), shared))
    with pytest.raises(InputError, match="z_b: row 7 of batch 0 is not finite"):
        network.fit(batches, verbose=0)


def test_where_it_left_the_finite_numbers_is_named_whichever_replica_saw_it(strategy):
    (z_a, z_b), shared = data(5 * BATCH)
    # In float32 its square overflows; the second replica sees it, in the third step.
    z_b[2 * BATCH + BATCH - 1, 0] = 1e30
    network = make(strategy, lambda: keras.optimizers.SGD(1e-6))
    network.adapt(z_a)
    with pytest.raises(NonFiniteLoss, match=r"epoch 1: .* at step [34] .* was not finite"):
        train(network, (z_a, z_b), shared)


def test_what_two_replicas_trained_loads_anywhere(strategy, nowhere, tmp_path):
    mirrored = make(strategy, OPTIMIZERS["FusedAdam"])
    train(mirrored, *data(2 * BATCH))
    mirrored.save(tmp_path / "x.keras")
    z = data(5)[0][0]
    loaded = iin_tf.load(tmp_path / "x.keras")
    np.testing.assert_array_equal(loaded.transform(z), mirrored.transform(z))
    np.testing.assert_allclose(mirrored.predict(z, verbose=0), loaded.transform(z), rtol=1e-5)
    with strategy.scope():
        again = iin_tf.load(tmp_path / "x.keras")
    for network in (loaded, again):
        assert_equal_weights(network, mirrored, rtol=0, atol=0)
        assert_equal_weights(network.optimizer, mirrored.optimizer, rtol=0, atol=0)
    assert_replicas_agree(again)
    train(mirrored, *data(BATCH))
    train(again, *data(BATCH))
    assert_equal_weights(again, mirrored, rtol=0, atol=1e-6)
