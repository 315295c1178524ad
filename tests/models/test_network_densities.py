"""The densities of rows and of pairs, against their formulas."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from small_network import LAYOUT, N, latents, make

FLOAT64 = {"rtol": 1e-11, "atol": 1e-11}


@pytest.fixture(scope="module")
def network():
    return make()


@pytest.fixture(scope="module")
def exact():
    return make(dtype="float64")


def log_det_of_jacobian(network, z):
    z = tf.constant(z)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        z_tilde = network.transform(z)
    return np.linalg.slogdet(tape.batch_jacobian(z_tilde, z, experimental_use_pfor=False))[1]


def test_log_prob_is_the_density_behind_the_network(exact):
    z = latents()
    expected = scipy.stats.norm.logpdf(exact.transform(z)).sum(1) + log_det_of_jacobian(exact, z)
    np.testing.assert_allclose(exact.log_prob(z), expected, **FLOAT64)
    np.testing.assert_allclose(exact.distribution().log_prob(z), expected, **FLOAT64)


def equation(network, z_a, z_b, factor, rho):
    """The pair's log-likelihood as in the paper, with every constant."""
    t_a, t_b = network.transform(z_a).numpy(), network.transform(z_b).numpy()
    negative = 0.5 * (t_a**2).sum(1) - log_det_of_jacobian(network, z_a)
    negative -= log_det_of_jacobian(network, z_b)
    for name, part in LAYOUT.slices.items():
        if name == factor:
            negative += 0.5 * ((t_b - rho * t_a)[:, part] ** 2).sum(1) / (1 - rho**2)
            negative += 0.5 * (part.stop - part.start) * np.log(1 - rho**2)
        else:
            negative += 0.5 * (t_b[:, part] ** 2).sum(1)
    return -negative - N * np.log(2 * np.pi)


@pytest.mark.parametrize("factor", ["residual", "digit", "color", None])
def test_pair_log_prob_is_the_equation(exact, factor):
    z_a, z_b = latents(), latents(seed=2)
    expected = equation(exact, z_a, z_b, factor, rho=0.975)
    rows = np.tile(LAYOUT.shared(factor), (9, 1))
    block = -1 if factor is None else LAYOUT.index(factor)
    for shared in (rows, np.full(9, block), 0.975 * rows):
        np.testing.assert_allclose(exact.pair_log_prob(z_a, z_b, shared), expected, **FLOAT64)


def test_a_mixed_batch_is_its_pairs(exact):
    z_a, z_b = latents(), latents(seed=2)
    rho = np.random.default_rng(3).uniform(0, 0.95, (9, 3))
    # One, several and no shared blocks, the residual among them.
    rho[[0, 1, 2, 3]] *= [[0, 1, 0], [1, 0, 1], [0, 0, 0], [1, 1, 1]]
    t = np.stack([exact.transform(z_a), exact.transform(z_b)], 1).reshape(9, -1)
    expected = log_det_of_jacobian(exact, z_a) + log_det_of_jacobian(exact, z_b)
    for row, correlation in enumerate(rho):
        cross = np.diag(np.repeat(correlation, LAYOUT.sizes))
        covariance = np.block([[np.eye(N), cross], [cross, np.eye(N)]])
        expected[row] += scipy.stats.multivariate_normal(cov=covariance).logpdf(t[row])
    np.testing.assert_allclose(exact.pair_log_prob(z_a, z_b, rho), expected, **FLOAT64)


def test_pair_log_prob_is_symmetric(network):
    z_a, z_b, shared = latents(), latents(seed=2), np.arange(9) % 4 - 1
    # Another place in the batch may change the order of a sum.
    np.testing.assert_allclose(
        network.pair_log_prob(z_a, z_b, shared), network.pair_log_prob(z_b, z_a, shared), rtol=1e-5
    )


def test_pair_distribution_is_pair_log_prob(exact):
    z_a, z_b = latents(), latents(seed=2)
    pairs = np.stack([z_a, z_b], -2)
    for shared in (np.arange(9) % 4 - 1, np.arange(27).reshape(9, 3) % 2 == 0):
        distribution = exact.pair_distribution(shared)
        assert distribution.event_shape == (2, N)
        assert distribution.batch_shape == (9,)
        expected = exact.pair_log_prob(z_a, z_b, shared)
        np.testing.assert_allclose(distribution.log_prob(pairs), expected, **FLOAT64)
        part = distribution[3:5]
        np.testing.assert_allclose(part.log_prob(pairs[3:5]), expected[3:5], **FLOAT64)
        np.testing.assert_allclose(distribution[0].log_prob(pairs[0]), expected[0], **FLOAT64)


def test_pair_distribution_of_one_row(exact):
    z_a, z_b = latents(), latents(seed=2)
    distribution = exact.pair_distribution(LAYOUT.shared("digit"))
    assert distribution.batch_shape == ()
    np.testing.assert_allclose(
        distribution.log_prob(np.stack([z_a, z_b], -2)),
        exact.pair_log_prob(z_a, z_b, np.ones(9, int)),
        **FLOAT64,
    )


def test_pairs_that_are_drawn_share_what_they_should(network):
    a, b = tf.unstack(
        network.pair_distribution(LAYOUT.shared("digit")).sample(4000, seed=1), axis=1
    )
    t_a, t_b = network.transform(a).numpy(), network.transform(b).numpy()
    correlation = [np.corrcoef(t_a[:, i], t_b[:, i])[0, 1] for i in range(N)]
    # The correlation of n = 4,000 independent pairs deviates by 1 / sqrt(n) = 0.016.
    np.testing.assert_allclose(correlation, [0, 0, 0, 0.975, 0.975, 0], atol=0.07)


def test_distributions_follow_the_weights():
    network = make(correlation="learned", dtype="float64")
    pairs = np.stack([latents(), latents(seed=2)], 1)
    shared = np.arange(9) % 3
    kept = network.pair_distribution(shared), network.distribution()
    before = kept[0].log_prob(pairs), kept[1].log_prob(pairs[:, 0])
    for weight in network.trainable_weights:
        weight.assign(weight + 0.01)
    fresh = network.pair_distribution(shared), network.distribution()
    for distribution, same, old, value in zip(
        kept, fresh, before, (pairs, pairs[:, 0]), strict=True
    ):
        now = distribution.log_prob(value)
        assert np.abs(now - old).min() > 1e-6
        np.testing.assert_array_equal(now, same.log_prob(value))
    expected = network.pair_log_prob(pairs[:, 0], pairs[:, 1], shared)
    np.testing.assert_allclose(kept[0].log_prob(pairs), expected, **FLOAT64)
    np.testing.assert_allclose(kept[0][0].log_prob(pairs[0]), expected[0], **FLOAT64)
