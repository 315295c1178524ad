"""The layer that owns the flow's weights: what it makes, counts, starts and refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from iin_tf.bijectors import Flow, actnorm_start

SIZE = 6
MIXINGS = ("permutation", "linear")


def make(mixing="permutation", blocks=3, seed=0, **kwargs):
    layer = Flow(SIZE, blocks, 8, 1, mixing, seed, **kwargs)
    layer.build()
    return layer


def rows(count=300, seed=0):
    random = np.random.default_rng(seed)
    return tf.constant(random.normal(size=(count, SIZE)) * 5 + 2, tf.float32)


def test_the_published_size_has_the_published_number_of_weights():
    flow = Flow(64, 12, 512, 2, "permutation", seed=0)
    flow.build()
    net = (32 * 512 + 512) + 2 * (512 * 512 + 512) + (512 * 32 + 32)
    expected = 12 * (2 * 64 + 2 * 2 * net)
    count = sum(int(np.prod(weight.shape)) for weight in flow.trainable_weights)
    assert count == expected == 26_815_488


@pytest.mark.parametrize("mixing", MIXINGS)
def test_weights_of_one_kind_stand_in_one_variable(mixing):
    assert len(make(mixing, blocks=1).weights) == len(make(mixing, blocks=5).weights)


@pytest.mark.parametrize("mixing", MIXINGS)
def test_a_seed_fixes_every_weight(mixing):
    first, again, other = make(mixing), make(mixing), make(mixing, seed=1)
    for a, b in zip(first.weights, again.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    assert any(np.any(a != b) for a, b in zip(first.weights, other.weights, strict=True))


@pytest.mark.parametrize("mixing", MIXINGS)
def test_what_is_not_learned_is_a_weight_all_the_same(mixing):
    # Or it would be lost on saving.
    assert [w.name for w in make(mixing).non_trainable_weights] == (
        ["actnorm_mean", "actnorm_log_deviation"]
        + (["permutation"] if mixing == "permutation" else ["linear_sign", "linear_permutation"])
    )


@pytest.mark.parametrize("blocks", [1, 3])
def test_a_linear_mixing_starts_as_a_rotation(blocks):
    flow = make("linear", blocks, dtype="float64")
    for step in flow.bijector.steps[3::4]:
        matrix = np.transpose(step.forward(tf.eye(SIZE, dtype=tf.float64)))
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(SIZE), atol=1e-12)
        assert np.linalg.det(matrix) == pytest.approx(1)
        assert np.abs(matrix - np.eye(SIZE)).max() > 0.1


@pytest.mark.parametrize("mixing", MIXINGS)
def test_adapt_standardises_the_output_of_every_actnorm(mixing):
    flow, z = make(mixing), rows()
    flow.adapt(z)
    for index, step in enumerate(flow.bijector.steps):
        z = step.forward(z)
        if index % 4 == 0:
            # Moments over 300 rows in float32.
            np.testing.assert_allclose(np.mean(z, 0), np.zeros(SIZE), atol=1e-5)
            np.testing.assert_allclose(np.std(z, 0), np.ones(SIZE), rtol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.1, -1234.567, 1e-30, 3e7])
def test_a_constant_dimension_is_named(value):
    z = rows().numpy()
    z[:, 4] = value
    with pytest.raises(ValueError, match=r"dimension 4 is constant .* over the 300 rows"):
        actnorm_start(tf.constant(z))


def test_a_dimension_of_little_spread_is_not_constant():
    z = rows().numpy()
    z[:, 4] = 100 + 1e-3 * z[:, 4]
    mean, log_deviation = actnorm_start(tf.constant(z))
    standardised = (z - mean) / np.exp(log_deviation)
    # Near 100, float32 resolves 8e-6, a thousandth of this dimension's spread.
    np.testing.assert_allclose(np.std(standardised[:, 4]), 1, rtol=1e-2)


def test_one_row_cannot_start_an_actnorm():
    with pytest.raises(ValueError, match=r"constant .* over the 1 rows"):
        actnorm_start(rows(1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"latent_size": 1}, "latent_size is 1; give a whole number of at least 2"),
        ({"latent_size": 6.0}, "latent_size is 6.0; give a whole number"),
        ({"blocks": 0}, "blocks is 0; give a whole number of at least 1"),
        ({"hidden": 0}, "hidden is 0; give a whole number of at least 1"),
        ({"depth": -1}, "depth is -1; give a whole number of at least 0"),
        ({"seed": "x"}, "seed is 'x'; give a whole number"),
        ({"coupling": "cubic"}, "coupling is 'cubic'; give one of"),
        ({"mixing": "shuffle"}, "mixing is 'shuffle'; give one of"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    right = {"latent_size": 6, "blocks": 1, "hidden": 8, "depth": 0, "mixing": "linear", "seed": 0}
    with pytest.raises(ValueError, match=message):
        Flow(**{**right, **change})


def test_the_config_makes_an_equal_layer():
    flow = make("linear", dtype="mixed_bfloat16")
    again = Flow.from_config(flow.get_config())
    assert again.get_config() == flow.get_config()
    assert isinstance(again, keras.layers.Layer)


def test_under_a_mixed_policy_only_training_rounds_its_products():
    plain, mixed = make(), make(dtype="mixed_bfloat16")
    z = rows(20)
    expected, expected_log_det = plain.bijector.forward_and_log_det(z)
    exact, exact_log_det = mixed.bijector.forward_and_log_det(z)
    np.testing.assert_array_equal(exact, expected)
    np.testing.assert_array_equal(exact_log_det, expected_log_det)
    rounded, log_det = mixed.training_bijector.forward_and_log_det(z)
    assert rounded.dtype == log_det.dtype == tf.float32
    # bfloat16 has 8 binary digits: 0.4 % of each product, over three layers and six couplings.
    np.testing.assert_allclose(log_det, expected_log_det, atol=0.2)
    assert np.abs(log_det - expected_log_det).max() > 1e-4
