"""The network's two directions, of every kind of input, and what follows its weights and seeds."""

import numpy as np
import pytest
import tensorflow as tf
from small_network import N, latents, make

import iin_tf
from iin_tf import FactorLayout, InterpretationNetwork

# Two blocks of float32 arithmetic on numbers of order 10.
FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}
FLOAT64 = {"rtol": 1e-11, "atol": 1e-11}


@pytest.fixture(scope="module")
def network():
    return make()


def test_transform_call_and_predict_are_one(network):
    z = latents()
    z_tilde = network.transform(z)
    assert z_tilde.shape == (9, N)
    np.testing.assert_allclose(network(z), z_tilde, **FLOAT32)
    np.testing.assert_allclose(network.predict(z, verbose=0), z_tilde, **FLOAT32)
    np.testing.assert_allclose(network.bijector.forward(tf.cast(z, "float32")), z_tilde, **FLOAT32)


@pytest.mark.parametrize("count", [0, 1, 2, 50])
@pytest.mark.parametrize("mixing", ["permutation", "linear"])
def test_invert_undoes_transform(mixing, count):
    network, z = make(mixing=mixing, dtype="float64"), latents(count)
    np.testing.assert_allclose(network.invert(network.transform(z)), z, **FLOAT64)
    np.testing.assert_allclose(network.transform(network.invert(z)), z, **FLOAT64)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_round_trip_is_exact_within_float32(policy):
    """Over many blocks too, where products in bfloat16 would leave errors of 1e-3."""
    network, z = make(blocks=12, hidden=64, dtype=policy), latents(500)
    z_tilde = network.transform(z)
    assert z_tilde.dtype == tf.float32
    # The chain has 48 steps, each adding a rounding of 6e-8 of numbers up to 10.
    np.testing.assert_allclose(network.invert(z_tilde), z, atol=2e-5)


@pytest.mark.parametrize(
    ("policy", "dtype"), [("float64", "float64"), ("mixed_bfloat16", "float32")]
)
def test_results_have_the_variables_dtype(policy, dtype):
    network, z = make(dtype=policy), latents().astype("float32")
    shared = np.ones(9, int)
    for result in (
        network.transform(z),
        network.invert(z),
        network(z),
        network.swap(z, z, "digit"),
        network.interpolate(z, z, "digit", 2),
        network.interpolate(z, z, "digit", 2, path="sphere"),
        network.erase(z, "digit"),
        network.sample(2, seed=0),
        network.log_prob(z),
        network.pair_log_prob(z, z, shared),
        network.correlation,
        network.pair_distribution(shared).sample(seed=1),
    ):
        assert result.dtype == dtype


def test_every_input_type_will_do(network):
    z = latents(2).astype("float32")
    expected = network.transform(z)
    for same in (z.tolist(), tf.constant(z), z.astype("float64"), np.asfortranarray(z)):
        np.testing.assert_allclose(network.transform(same), expected, **FLOAT32)


def test_a_row_does_not_depend_on_its_batch(network):
    z = latents()
    np.testing.assert_allclose(network.transform(z)[3:4], network.transform(z[3:4]), **FLOAT32)


def test_no_factors_at_all():
    network = make(FactorLayout({}, residual=4))
    z = latents()[:, :4]
    assert list(network.factors(z)) == ["residual"]
    np.testing.assert_allclose(network.swap(z, z[::-1], "residual"), z[::-1], **FLOAT32)
    assert network.log_prob(z).shape == (9,)
    marginals = network.log_prob(z) + network.log_prob(z[::-1])
    np.testing.assert_allclose(network.pair_log_prob(z, z[::-1], np.full(9, -1)), marginals, 1e-5)


@pytest.mark.parametrize("count", [0, 1])
def test_the_smallest_batches(network, count):
    z, shared = latents(count), np.zeros(count, int)
    assert network.transform(z).shape == (count, N)
    assert network(z).shape == (count, N)
    assert network.invert(z).shape == (count, N)
    assert network.from_factors(network.factors(z)).shape == (count, N)
    assert network.swap(z, z, "digit").shape == (count, N)
    assert network.interpolate(z, z, "digit", 3).shape == (count, 3, N)
    assert network.interpolate(z, z, "digit", 3, path="sphere").shape == (count, 3, N)
    assert network.erase(z, "digit").shape == (count, N)
    assert network.sample(count).shape == (count, N)
    assert network.log_prob(z).shape == (count,)
    assert network.pair_log_prob(z, z, shared).shape == (count,)
    assert network.pair_distribution(shared).log_prob(np.stack([z, z], 1)).shape == (count,)


def test_methods_follow_the_weights():
    network, z = make(), latents()
    before = network.transform(z), network.log_prob(z)
    network.flow.actnorms.shift.assign(network.flow.actnorms.shift + 1.0)
    for now, old in zip((network.transform(z), network.log_prob(z)), before, strict=True):
        assert np.abs(now - old).max() > 1e-3


@pytest.mark.parametrize(
    "call",
    {
        "transform": lambda net, z, shared: net.transform(z),
        "call": lambda net, z, shared: net(z),
        "invert": lambda net, z, shared: net.invert(z),
        "factors": lambda net, z, shared: net.factors(z),
        "from_factors": lambda net, z, shared: net.from_factors(net.factors(z)),
        "swap": lambda net, z, shared: net.swap(z, z[::-1], ["digit"]),
        "interpolate": lambda net, z, shared: net.interpolate(z, z[::-1], ["digit"], 3),
        "sphere": lambda net, z, shared: net.interpolate(z, z[::-1], ["digit"], 3, "sphere"),
        "erase": lambda net, z, shared: net.erase(z, ["digit"], seed=4),
        "sample": lambda net, z, shared: net.sample(5, seed=2),
        "log_prob": lambda net, z, shared: net.log_prob(z),
        "pair_log_prob": lambda net, z, shared: net.pair_log_prob(z, z[::-1], shared),
        "pair_distribution": lambda net, z, shared: net.pair_distribution(shared).log_prob(
            tf.stack([z, z[::-1]], 1)
        ),
    }.items(),
    ids=lambda item: item[0],
)
def test_a_graph_of_unknown_batch_gives_the_eager_answer(network, call):
    z, shared = tf.constant(latents(), tf.float32), tf.constant(np.arange(9) % 4 - 1)
    compiled = tf.function(
        lambda z, shared: call[1](network, z, shared),
        input_signature=[tf.TensorSpec([None, N]), tf.TensorSpec([None], tf.int64)],
    )
    for count in (9, 0):
        results = compiled(z[:count], shared[:count]), call[1](network, z[:count], shared[:count])
        for in_graph, eager in zip(*map(tf.nest.flatten, results), strict=True):
            np.testing.assert_allclose(in_graph, eager, **FLOAT32)


def test_correlation_per_block():
    np.testing.assert_allclose(make().correlation, [0.975] * 3)
    own = make(correlation={"digit": 0.5, "color": 0.25})
    np.testing.assert_allclose(own.correlation, [0.975, 0.5, 0.25])
    z_a, z_b = latents(), latents(seed=2)
    np.testing.assert_allclose(
        own.pair_log_prob(z_a, z_b, np.arange(9) % 3),
        own.pair_log_prob(z_a, z_b, np.diag([0.975, 0.5, 0.25])[np.arange(9) % 3]),
        rtol=1e-6,
    )
    assert make(correlation=1 - 1e-9, dtype="float64").correlation.numpy().max() < 1
    learned = make(correlation="learned").correlation
    np.testing.assert_allclose(learned, [0.9] * 3, rtol=1e-5)


def test_a_seed_fixes_the_network():
    z = latents()
    np.testing.assert_array_equal(make(seed=3).transform(z), make(seed=3).transform(z))
    assert np.abs(make(seed=3).transform(z) - make(seed=4).transform(z)).max() > 1e-2
    assert make(seed=None).seed != make(seed=None).seed


def test_the_published_size():
    network = InterpretationNetwork(FactorLayout({"digit": 13, "color": 17}, residual=34), seed=0)
    assert sum(int(np.prod(w.shape)) for w in network.trainable_variables) == 26_815_488
    assert network.count_params() >= 26_815_488


def test_the_public_names_are_there():
    assert iin_tf.InterpretationNetwork is InterpretationNetwork
    assert iin_tf.FactorLayout is FactorLayout
