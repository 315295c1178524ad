"""Training by plain fit: every form of data, and ActNorm's start."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_training import PAIRS, N, assert_equal_weights, fit, make, weights

from iin_tf import FactorLayout, FusedAdam

# What is trained


def test_the_loss_is_the_mean_negative_log_likelihood(data):
    (z_a, z_b), shared = data
    network = make(keras.optimizers.SGD(0.0))
    history = fit(network, (z_a, z_b), shared, epochs=2)
    expected = -np.mean(network.pair_log_prob(z_a, z_b, shared))
    # Four batches of 16 in float32.
    np.testing.assert_allclose(history["loss"], [expected] * 2, rtol=1e-5)


@pytest.mark.parametrize("form", ["int", "bool", "float"])
def test_evaluate_takes_every_form_of_shared(data, form):
    (z_a, z_b), shared = data
    rows = np.eye(4, 3)[shared] > 0
    given = {"int": shared, "bool": rows, "float": (rows * 0.5).astype("float32")}[form]
    network = make()
    loss = network.evaluate((z_a, z_b), given, batch_size=7, verbose=0)
    expected = -np.mean(network.pair_log_prob(z_a, z_b, given))
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_the_loss_without_pairs_is_the_marginal(data):
    z = data[0][0]
    network = make(keras.optimizers.SGD(0.0), FactorLayout({}, residual=N))
    history = fit(network, z)
    np.testing.assert_allclose(history["loss"], -np.mean(network.log_prob(z)), rtol=1e-5)
    evaluated = network.evaluate(z, verbose=0)
    np.testing.assert_allclose(evaluated, -np.mean(network.log_prob(z)), rtol=1e-5)


@pytest.mark.parametrize(
    ("mixing", "correlation"),
    [("permutation", "learned"), ("linear", 0.975), ("linear", {"digit": 0.5, "color": 0.9})],
)
def test_training_lowers_the_loss(data, mixing, correlation):
    network = make(FusedAdam(0.01), mixing=mixing, correlation=correlation)
    losses = fit(network, *data, epochs=10)["loss"]
    assert losses[-1] < losses[0] - 0.5
    z = data[0][0]
    # It stays invertible.
    np.testing.assert_allclose(network.invert(network.transform(z)), z, atol=1e-4)


@pytest.mark.parametrize("mixing", ["permutation", "linear"])
def test_every_weight_has_a_gradient(data, mixing):
    network = make(keras.optimizers.SGD(0.01), blocks=2, mixing=mixing, correlation="learned")
    fit(network, *data, batch_size=PAIRS)
    (z_a, z_b), shared = data
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(network.pair_log_prob(z_a, z_b, shared))
    variables = network.trainable_variables
    gradients = tape.gradient(loss, [variable.value for variable in variables])
    for variable, gradient in zip(variables, gradients, strict=True):
        assert gradient is not None, variable.path
        blocks = np.abs(gradient).reshape(len(gradient), -1).max(1)
        assert np.all(blocks > 0), variable.path


def test_the_gradient_of_a_step_is_that_of_the_likelihood(data):
    network, rate = make(keras.optimizers.SGD(0.01)), 0.01
    (z_a, z_b), shared = data
    network.adapt(np.concatenate([z_a, z_b]))
    before = weights(network)
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(network.pair_log_prob(z_a, z_b, shared))
    gradients = tape.gradient(loss, [v.value for v in network.trainable_variables])
    fit(network, (z_a, z_b), shared, batch_size=PAIRS)
    for old, gradient, new in zip(before, gradients, weights(network), strict=True):
        np.testing.assert_allclose(new, old - rate * gradient, rtol=1e-4, atol=1e-6)


def test_a_learned_correlation_finds_its_value():
    """With the flow frozen at the truth, the likelihood's rho is the sample's."""
    random = np.random.default_rng(0)
    layout = FactorLayout({"digit": 3}, residual=3)
    network = make(layout=layout, correlation="learned")
    network.flow.trainable = False
    network.compile(FusedAdam(0.003))
    network.adapt(random.normal(size=(100, N)))
    a, noise = random.normal(size=(2, 500, N))
    b = np.concatenate([noise[:, :3], 0.5 * a[:, 3:] + np.sqrt(0.75) * noise[:, 3:]], 1)
    z_a, z_b = network.invert(a).numpy(), network.invert(b).numpy()
    fit(network, (z_a, z_b), np.ones(500, int), epochs=60, batch_size=500)
    # 1,500 pairs of numbers tell rho to (1 - rho^2) / sqrt(1500) = 0.02.
    # Nothing shares the residual: its rho stays where it started.
    np.testing.assert_allclose(network.correlation, [0.9, 0.5], atol=0.06)


# Forms of data


def test_arrays_and_data_sets_train_alike(data):
    (z_a, z_b), shared = data
    by_arrays, by_dataset = make(), make()
    fit(by_arrays, (z_a, z_b), shared)
    dataset = tf.data.Dataset.from_tensor_slices(((z_a, z_b), shared)).batch(16)
    by_dataset.fit(dataset, verbose=0)
    assert_equal_weights(by_arrays, by_dataset, rtol=1e-6, atol=1e-7)


def test_unlabelled_arrays_and_data_sets_train_alike(data):
    z = data[0][0]
    by_arrays, by_dataset, by_tuples = make(), make(), make()
    fit(by_arrays, z)
    by_dataset.fit(tf.data.Dataset.from_tensor_slices(z).batch(16), verbose=0)
    by_tuples.fit(tf.data.Dataset.from_tensor_slices((z,)).batch(16), verbose=0)
    assert_equal_weights(by_arrays, by_dataset, rtol=1e-6, atol=1e-7)
    assert_equal_weights(by_arrays, by_tuples, rtol=1e-6, atol=1e-7)


def test_an_endless_data_set_and_validation(data):
    (z_a, z_b), shared = data
    weight = np.ones(PAIRS, "float32")
    dataset = tf.data.Dataset.from_tensor_slices(((z_a, z_b), shared, weight)).batch(16)
    network = make()
    history = network.fit(
        dataset.repeat(),
        steps_per_epoch=3,
        epochs=2,
        validation_data=((z_a, z_b), shared),
        validation_batch_size=10,
        verbose=0,
    ).history
    expected = -np.mean(network.pair_log_prob(z_a, z_b, shared))
    np.testing.assert_allclose(history["val_loss"][-1], expected, rtol=1e-5)


def test_sample_weights_multiply_the_terms(data):
    (z_a, z_b), shared = data
    weight = np.random.default_rng(1).integers(0, 3, PAIRS).astype("float32")
    network = make(keras.optimizers.SGD(0.0))
    history = fit(network, (z_a, z_b), shared, sample_weight=weight)
    expected = -np.mean(weight * network.pair_log_prob(z_a, z_b, shared))
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-5)


def test_a_pair_of_weight_zero_trains_nothing(data):
    (z_a, z_b), shared = data
    weight = np.repeat([1.0, 0.0], PAIRS // 2).astype("float32")
    half = PAIRS // 2
    with_zeros, without = make(), make()
    for network in (with_zeros, without):
        network.adapt(z_a)
    fit(with_zeros, (z_a, z_b), shared, sample_weight=weight, batch_size=PAIRS)
    # The mean is over all rows, whatever their weights, as Keras has it.
    fit(
        without,
        (z_a[:half], z_b[:half]),
        shared[:half],
        sample_weight=0.5 * weight[:half],
        batch_size=half,
    )
    assert_equal_weights(with_zeros, without, rtol=1e-5, atol=1e-6)


# ActNorm's start


def test_fit_starts_actnorm_from_both_members(data):
    (z_a, z_b), shared = data
    by_fit, by_hand = make(keras.optimizers.SGD(0.0)), make()
    fit(by_fit, (z_a, z_b), shared)
    by_hand.adapt(np.concatenate([z_a, z_b]))
    assert_equal_weights(by_fit, by_hand, rtol=1e-6)
    first = by_fit.bijector.steps[0].forward(np.concatenate([z_a, z_b]))
    np.testing.assert_allclose(np.std(first, 0), np.ones(N), rtol=1e-4)


def test_actnorm_starts_once(data):
    (z_a, z_b), shared = data
    network = make(keras.optimizers.SGD(0.0))
    assert not network.adapted.numpy()
    fit(network, (z_a, z_b), shared)
    assert network.adapted.numpy()
    before = weights(network)
    fit(network, (5 * z_a, 5 * z_b), shared)
    network.adapt(5 * z_a)
    for old, new in zip(before, weights(network), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_generator_needs_a_start_by_hand(data):
    (z_a, z_b), shared = data
    network = make()

    def batches():
        while True:
            yield (z_a, z_b), shared

    with pytest.raises(ValueError, match=r"x is a generator.*call network.adapt\(z\)"):
        network.fit(batches(), steps_per_epoch=1, verbose=0)
    network.adapt(z_a)
    network.fit(batches(), steps_per_epoch=1, verbose=0)
