"""Continuous factors in the joint of a labelled batch, against scipy's normal density."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.data import SquaredExponential
from iin_tf.distributions import GroupedGaussian, PairedGaussian
from iin_tf.distributions.kernel_group import kernel_correlation

SIZES, RHO = (2, 3, 1), np.array([0.4, 0.99, 0.7])
KERNEL = SquaredExponential(40.0, period=360.0)


def covariance_of(angle, rho):
    """Of a batch in one dimension, pair by pair, by the kernel's own correlation."""
    found = np.eye(len(angle))
    for i in range(len(angle)):
        for j in range(len(angle)):
            if i != j and np.isfinite([angle[i], angle[j]]).all():
                found[i, j] = rho * KERNEL.correlation(angle[[i]], angle[[j]])[0]
    return found


@pytest.fixture
def angle():
    """Two equal ones, one across the end of the circle, and two that are unknown."""
    return np.array([10.0, 10.0, 355.0, 80.0, np.nan, 200.0, 215.0, np.nan])


@pytest.fixture
def joint(angle):
    colour = np.array([0, 1, 1, 0, -1, 1, 2, 0])
    return GroupedGaussian([KERNEL.embed(angle), colour], RHO, SIZES)


def values(seed, *shape):
    return np.random.default_rng(seed).normal(size=(*shape, 8, sum(SIZES)))


def test_log_prob_is_the_normal_density_of_the_stacked_batch(angle, joint):
    covariance = np.kron(np.eye(8), np.diag([1.0] * 6))
    for i in range(8):
        for j in range(8):
            for d in (2, 3, 4):
                covariance[6 * i + d, 6 * j + d] = covariance_of(angle, 0.99)[i, j]
            together = i != j and joint.labels[1][i] == joint.labels[1][j] >= 0
            covariance[6 * i + 5, 6 * j + 5] = 0.7 if together else float(i == j)
    z = values(0, 20)
    oracle = scipy.stats.multivariate_normal(cov=covariance)
    # The covariance has a condition number of about 200.
    np.testing.assert_allclose(joint.log_prob(z), oracle.logpdf(z.reshape(20, -1)), rtol=1e-11)


def test_batches_of_two_are_pairs():
    angle, z = np.array([350.0, 20.0]), values(1, 5)[:, :2]
    shared = [0, 0.99 * KERNEL.correlation(angle[:1], angle[1:])[0], 0]
    two = GroupedGaussian([KERNEL.embed(angle), np.array([-1, -1])], RHO, SIZES)
    np.testing.assert_allclose(
        two.log_prob(z), PairedGaussian(np.array(shared), SIZES).log_prob(z), rtol=1e-12
    )


def test_unknown_labels_are_independent_of_all_others(joint):
    z = values(2)
    alone = np.sum(scipy.stats.norm.logpdf(z[4]))
    np.testing.assert_allclose(joint.example_log_prob(z)[4], alone, rtol=1e-12)
    moved = z.copy()
    moved[4] += 3
    others = np.arange(8) != 4
    np.testing.assert_allclose(
        joint.example_log_prob(moved)[others], joint.example_log_prob(z)[others], rtol=1e-12
    )


def test_shares_are_densities_given_those_before(angle, joint):
    z = values(3)
    shares = joint.example_log_prob(z).numpy()
    np.testing.assert_allclose(shares.sum(), joint.log_prob(z), rtol=1e-12)
    part = GroupedGaussian([KERNEL.embed(angle)], RHO[:2], (2, 3))
    parts = [
        GroupedGaussian([KERNEL.embed(angle[:n])], RHO[:2], (2, 3)).log_prob(z[:n, :5])
        for n in (3, 4)
    ]
    np.testing.assert_allclose(part.example_log_prob(z[:, :5])[3], parts[1] - parts[0], rtol=1e-10)


def test_samples_have_the_covariance_of_the_density(angle, joint):
    drawn = joint.sample(20_000, seed=0).numpy()
    # The standard error of a correlation is at most 1 / sqrt(20,000) = 0.007; five of them.
    found = np.cov(drawn[:, :, 2].T)
    np.testing.assert_allclose(found, covariance_of(angle, 0.99), atol=0.035)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients_are_finite_where_labels_coincide_or_are_unknown(dtype):
    points = np.zeros((512, 2), dtype)
    points[:256, 0] = np.repeat(np.arange(2), 128)
    points[500:] = np.nan
    block = tf.Variable(np.random.default_rng(4).normal(size=(512, 4)).astype(dtype))
    rho = tf.Variable(np.array([0, 0.999], dtype))
    with tf.GradientTape() as tape:
        log_prob = GroupedGaussian([tf.constant(points)], rho, (1, 3)).log_prob(block)
    gradients = tape.gradient(log_prob, [block, rho])
    assert log_prob.dtype == dtype
    for gradient in (log_prob, *gradients):
        assert np.isfinite(gradient).all()
    # By the inverse of the covariance: -K^-1 z.
    covariance = kernel_correlation(points, np.float64(rho.numpy()[1]))
    expected = -np.linalg.solve(covariance, np.float64(block.numpy()[:, 1:]))
    # Of float32, z itself is rounded by 6e-8, and 1 / (1 - rho) magnifies it.
    tolerance = 1e-4 if dtype == "float32" else 1e-8
    np.testing.assert_allclose(gradients[0][:, 1:], expected, rtol=tolerance, atol=tolerance * 100)


def test_the_gradient_of_rho_is_that_of_scipys_density(angle):
    block = values(5)[:, :4]

    def density(rho):
        normal = scipy.stats.multivariate_normal(cov=covariance_of(angle, rho))
        return normal.logpdf(block[:, 1:].T).sum()

    rho = tf.Variable([0.0, 0.8], dtype=tf.float64)
    with tf.GradientTape() as tape:
        log_prob = GroupedGaussian([KERNEL.embed(angle)], rho, (1, 3)).log_prob(block)
    step = 1e-5
    expected = (density(0.8 + step) - density(0.8 - step)) / (2 * step)
    # Of a central difference the error is of the order of its step, squared.
    np.testing.assert_allclose(tape.gradient(log_prob, rho)[1], expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ([np.zeros((3, 1)), np.zeros((3, 1), int)], r"int64 \(3, 1\)"),
        ([np.zeros(3), np.zeros(3, int)], r"float64 \(3,\)"),
        ([np.zeros(3, int)], r"int64 \(3,\)"),
    ],
)
def test_what_does_not_fit_is_named(labels, found):
    with pytest.raises(InputError, match=rf"{found}.*; give 2 tensors, int \[B\], or float"):
        GroupedGaussian(labels, RHO, SIZES)
