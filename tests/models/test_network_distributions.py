"""A network's distributions as TFP's users use them: KL, slices, conditionals, graphs."""

import itertools

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
import tensorflow_probability as tfp

from iin_tf import FactorLayout, InterpretationNetwork
from iin_tf.checks import InputError

tfd = tfp.distributions
LAYOUT = FactorLayout({"a": 2, "b": 1}, residual=3)
N, RHO = 6, 0.975


def latents(seed=0, rows=5):
    return np.random.default_rng(seed).normal(size=(rows, N))


def make(**kwargs):
    network = InterpretationNetwork(
        LAYOUT, blocks=2, hidden=8, depth=0, seed=0, dtype="float64", **kwargs
    )
    network.adapt(3 * latents(9, 100) + 1)
    return network


@pytest.fixture(scope="module")
def network():
    return make()


def covariance(rho):
    """Of one pair in z_tilde, [2N, 2N], from rho per block."""
    rho = np.diag(np.repeat(rho, LAYOUT.sizes))
    return np.block([[np.eye(N), rho], [rho, np.eye(N)]])


def gaussian_kl(p, q):
    """KL of two centred normals with these covariances."""
    ratio = np.linalg.solve(q, p)
    return 0.5 * (np.trace(ratio) - len(p) - np.linalg.slogdet(ratio)[1])


def rows_of(block):
    return RHO * np.eye(3)[block] if block >= 0 else np.zeros(3)


@pytest.mark.parametrize(("p", "q"), [(1, 2), (2, 1), (0, 1), (1, 1), (-1, 0), (0, -1)])
def test_kl_of_two_factors_is_that_of_their_normals(network, p, q):
    kl = tfd.kl_divergence(network.pair_distribution(p), network.pair_distribution(q))
    expected = gaussian_kl(covariance(rows_of(p)), covariance(rows_of(q)))
    # 1 - rho^2 = 0.05 magnifies numpy's rounding.
    np.testing.assert_allclose(kl, expected, rtol=1e-11, atol=1e-12)
    assert p == q or kl > 1


def test_kl_of_many_pairs_at_once(network):
    one = network.pair_distribution(1)
    many = network.pair_distribution(np.array([0, 1, 2]))
    expected = [gaussian_kl(covariance(rows_of(1)), covariance(rows_of(k))) for k in range(3)]
    np.testing.assert_allclose(one.kl_divergence(many), expected, rtol=1e-11, atol=1e-12)


def test_kl_of_the_marginal_with_itself_is_zero(network):
    assert network.distribution().kl_divergence(network.distribution()) == 0


def test_kl_of_two_networks_is_refused(network):
    with pytest.raises(NotImplementedError, match="bijectors are not equal"):
        network.pair_distribution(1).kl_divergence(make().pair_distribution(1))


def test_kl_follows_a_learned_correlation():
    network = make(correlation="learned")
    kl = network.pair_distribution(1).kl_divergence(network.pair_distribution(2))
    network.block_correlation.logit.assign(network.block_correlation.logit + 0.05)
    moved = network.pair_distribution(1).kl_divergence(network.pair_distribution(2))
    rho = network.correlation.numpy() * np.eye(3)
    expected = gaussian_kl(covariance(rho[1]), covariance(rho[2]))
    np.testing.assert_allclose(moved, expected, rtol=1e-10)
    assert moved > kl + 1


def test_the_bijector_is_one_object(network):
    assert network.bijector is network.bijector
    assert network.bijector != make().bijector
    assert hash(network.bijector) == hash(network.bijector)

    @tf.function
    def in_a_graph():
        assert network.bijector == network.bijector

    in_a_graph()


def test_a_graph_that_trains_answers_from_its_new_weights():
    network = make()
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.build(network.trainable_variables)

    @tf.function
    def before_and_after(z):
        before = network.distribution().log_prob(z)
        shift = network.flow.trainable_weights[0]
        shift.assign_add(tf.ones_like(shift.value))
        return before, network.distribution().log_prob(z)

    z = tf.constant(latents())
    before, after = before_and_after(z)
    np.testing.assert_allclose(after, network.log_prob(z), rtol=1e-10)
    assert np.abs(before - after).min() > 1e-3


# Slices


@pytest.mark.parametrize("slices", [tf.newaxis, (tf.newaxis, ...), (..., tf.newaxis)])
def test_a_new_axis_of_the_marginal_is_a_batch_of_one(network, slices):
    sliced, z = network.distribution()[slices], latents()
    assert (sliced.batch_shape, sliced.event_shape) == ([1], [N])
    np.testing.assert_allclose(sliced.log_prob(z[:, None])[:, 0], network.log_prob(z))
    assert sliced.sample(3, seed=0).shape == [3, 1, N]


def test_slices_of_pairs(network):
    shared, pairs = np.array([0, 1, 2]), np.stack([latents(0, 3), latents(1, 3)], -2)
    expected = network.pair_log_prob(pairs[:, 0], pairs[:, 1], shared)
    batch = network.pair_distribution(shared)
    np.testing.assert_allclose(batch[1:].log_prob(pairs[1:]), expected[1:])
    np.testing.assert_allclose(batch[2].log_prob(pairs[2]), expected[2])
    one = network.pair_distribution(1)[tf.newaxis]
    assert one.batch_shape == [1]
    np.testing.assert_allclose(one.log_prob(pairs[1:2]), expected[1:2])
    assert batch[1].kl_divergence(network.pair_distribution(1)) == 0


# The conditional


SHARED = {
    "a block number": 1,
    "a row of bool": np.array([True, False, True]),
    "block numbers": np.array([0, 1, 2, -1, 1]),
    "correlations": np.random.default_rng(3).uniform(0, 0.9, (5, 3)),
}


@pytest.mark.parametrize("shared", SHARED.values(), ids=SHARED)
def test_the_joint_is_the_marginal_times_the_conditional(network, shared):
    z_a, z_b = latents(0), latents(1)
    conditional = network.conditional_distribution(z_a, shared)
    assert (conditional.batch_shape, conditional.event_shape) == ([5], [N])
    joint = network.pair_distribution(shared).log_prob(np.stack([z_a, z_b], -2))
    np.testing.assert_allclose(network.log_prob(z_a) + conditional.log_prob(z_b), joint, rtol=1e-11)


def test_the_conditional_of_nothing_shared_is_the_marginal(network):
    z = latents(1)
    conditional = network.conditional_distribution(latents(), -1)
    np.testing.assert_allclose(conditional.log_prob(z), network.log_prob(z), rtol=1e-12)


def test_samples_of_the_conditional_have_its_moments(network):
    z_a = latents(rows=2)
    samples = network.conditional_distribution(z_a, 1).sample(4000, seed=0)
    codes = network.transform(tf.reshape(samples, [-1, N])).numpy().reshape(4000, 2, N)
    rho = np.repeat(rows_of(1), LAYOUT.sizes)
    # Means of 4,000 err by 0.016, deviations by 0.011: four times that.
    np.testing.assert_allclose(codes.mean(0), rho * network.transform(z_a), atol=0.065)
    np.testing.assert_allclose(codes.std(0), np.sqrt(1 - rho**2) * np.ones((2, 1)), atol=0.045)


def test_kl_of_two_conditionals(network):
    z_a = latents()
    kl = network.conditional_distribution(z_a, 1).kl_divergence(
        network.conditional_distribution(z_a, -1)
    )
    # Each dimension of the block: N(rho a, 1 - rho^2) against N(0, 1).
    a = network.transform(z_a).numpy()[:, 3:5]
    v = 1 - RHO**2
    expected = 0.5 * np.sum(v + RHO**2 * a**2 - 1 - np.log(v), -1)
    np.testing.assert_allclose(kl, expected, rtol=1e-10)


def test_shared_of_another_length_is_refused(network):
    with pytest.raises(InputError, match="5 pairs"):
        network.conditional_distribution(latents(), np.array([0, 1]))


# Verification


def test_same_is_the_log_likelihood_ratio_of_the_factors_block(network):
    z_a, z_b = latents(1), latents(2)
    a, b = (network.factors(z)["a"].numpy() for z in (z_a, z_b))
    # One block of two dimensions, as one vector of both members.
    sharing = np.kron([[1, RHO], [RHO, 1]], np.eye(2))
    pairs = np.concatenate([a, b], axis=1)
    together = scipy.stats.multivariate_normal(cov=sharing).logpdf(pairs)
    apart = scipy.stats.multivariate_normal(cov=np.eye(4)).logpdf(pairs)
    np.testing.assert_allclose(network.same(z_a, z_b, "a"), together - apart, rtol=1e-10)
    np.testing.assert_allclose(network.same(z_b, z_a, "a"), together - apart, rtol=1e-10)


def test_same_tells_examples_that_share_from_those_that_do_not(network):
    codes, other, noise = (latents(seed, 400) for seed in (3, 4, 5))
    shared = other.copy()
    shared[:, 3:5] = RHO * codes[:, 3:5] + np.sqrt(1 - RHO**2) * noise[:, 3:5]
    z, apart, together = (network.invert(rows) for rows in (codes, other, shared))
    assert np.mean(network.same(z, together, "a") > 0) > 0.95
    assert np.mean(network.same(z, apart, "a") > 0) < 0.1
    # The others' blocks say nothing of it.
    assert np.mean(network.same(z, together, "b") > 0) < 0.3


def test_same_is_calibrated_on_data_of_the_model():
    network = InterpretationNetwork(LAYOUT, blocks=1, hidden=4, depth=0, seed=0, correlation=0.7)
    network.adapted.assign(True)
    rows, prior = 20_000, 0.3
    random = np.random.default_rng(6)
    share = random.random(rows) < prior
    codes, noise = random.normal(size=(2, rows, N))
    rho = np.where(share, 0.7, 0.0)[:, None]
    other = random.normal(size=(rows, N))
    other[:, 3:5] = rho * codes[:, 3:5] + np.sqrt(1 - rho**2) * noise[:, 3:5]
    z_a, z_b = (network.invert(z.astype("float32")) for z in (codes, other))
    log_odds = network.same(z_a, z_b, "a").numpy() + np.log(prior / (1 - prior))
    said = 1 / (1 + np.exp(-log_odds))
    edges = np.array([0, 0.05, 0.15, 0.3, 0.5, 0.7, 1])
    for low, high in itertools.pairwise(edges):
        here = (said >= low) & (said < high)
        error = np.sqrt(said[here].mean() * (1 - said[here].mean()) / here.sum())
        assert abs(share[here].mean() - said[here].mean()) < 4 * error


def test_same_of_an_unknown_factor_is_named(network):
    with pytest.raises(InputError, match="factor 'c' is unknown"):
        network.same(latents(), latents(), "c")


# Vectors of another size


@pytest.mark.parametrize(
    "use",
    [
        lambda network, z: network.distribution().log_prob(z[:, :1]),
        lambda network, z: network.pair_distribution(1).log_prob(np.stack([z, z], -2)[..., :1]),
        lambda network, z: network.bijector.forward(z[:, :1]),
        lambda network, z: network.bijector.inverse(z[:, :1]),
        lambda network, z: network.bijector.forward_log_det_jacobian(z[:, :5]),
        lambda network, z: network.conditional_distribution(z, 1).log_prob(z[:, :1]),
    ],
)
def test_vectors_of_another_size_are_refused(network, use):
    with pytest.raises(InputError, match=r"last ax.s must (hold the|be)|the event is"):
        use(network, latents())
