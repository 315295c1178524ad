"""The factorised Gaussian against scipy and closed forms."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from iin_tf.distributions import FactorisedGaussian

SIZES = (3, 1, 2)
SIZE = sum(SIZES)


@pytest.fixture
def distribution():
    return FactorisedGaussian(SIZES, dtype=tf.float64)


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape)


def test_log_prob_is_the_standard_normal_density(distribution):
    z = normal(20, SIZE)
    expected = scipy.stats.multivariate_normal(cov=np.eye(SIZE)).logpdf(z)
    np.testing.assert_allclose(distribution.log_prob(z), expected, rtol=1e-13)
    assert distribution.log_prob(normal(2, 3, SIZE)).shape == [2, 3]
    assert distribution.log_prob(normal(0, SIZE)).shape == [0]


def test_block_log_probs_are_those_of_the_blocks(distribution):
    z = normal(20, SIZE)
    blocks = distribution.block_log_prob(z)
    assert blocks.shape == [20, 3]
    start = 0
    for block, size in enumerate(SIZES):
        expected = scipy.stats.norm.logpdf(z[:, start : start + size]).sum(1)
        np.testing.assert_allclose(blocks[:, block], expected, rtol=1e-13)
        start += size
    np.testing.assert_allclose(tf.reduce_sum(blocks, 1), distribution.log_prob(z), rtol=1e-13)


def test_statistics(distribution):
    np.testing.assert_array_equal(distribution.mean(), np.zeros(SIZE))
    np.testing.assert_array_equal(distribution.mode(), np.zeros(SIZE))
    np.testing.assert_array_equal(distribution.variance(), np.ones(SIZE))
    np.testing.assert_array_equal(distribution.stddev(), np.ones(SIZE))
    np.testing.assert_array_equal(distribution.covariance(), np.eye(SIZE))
    expected = scipy.stats.multivariate_normal(cov=np.eye(SIZE)).entropy()
    np.testing.assert_allclose(distribution.entropy(), expected, rtol=1e-14)


def test_samples_are_standard_normal(distribution):
    samples = distribution.sample(10_000, seed=(1, 2)).numpy()
    assert scipy.stats.kstest(samples.ravel(), "norm").pvalue > 1e-3
    # Entries of a covariance of n = 10,000 deviate by sqrt(2 / n) = 0.014.
    np.testing.assert_allclose(np.cov(samples.T), np.eye(SIZE), atol=0.06)
    np.testing.assert_array_equal(samples, distribution.sample(10_000, seed=(1, 2)))


def test_shapes(distribution):
    assert distribution.event_shape == [SIZE]
    assert distribution.batch_shape == []
    np.testing.assert_array_equal(distribution.event_shape_tensor(), [SIZE])
    np.testing.assert_array_equal(distribution.batch_shape_tensor(), [])
    assert distribution.sample(seed=1).shape == [SIZE]
    assert distribution.sample((2, 0), seed=1).shape == [2, 0, SIZE]
    assert distribution.sample(2, seed=1).dtype == tf.float64


def test_copy(distribution):
    again = distribution.copy(block_sizes=(1, 1))
    assert again.event_shape == [2]
    assert again.dtype == tf.float64


def test_in_a_graph(distribution):
    @tf.function(input_signature=[tf.TensorSpec([None, SIZE], tf.float64)])
    def run(z):
        return distribution.log_prob(z), distribution.sample(tf.shape(z)[0], seed=(1, 2))

    z = normal(4, SIZE)
    log_prob, sample = run(z)
    np.testing.assert_allclose(log_prob, distribution.log_prob(z), rtol=1e-13)
    np.testing.assert_allclose(sample, distribution.sample(4, seed=(1, 2)), rtol=1e-13)


@pytest.mark.parametrize("sizes", [(), (3, 0), (-1,)])
def test_wrong_sizes_are_named(sizes):
    with pytest.raises(ValueError, match="block_sizes is"):
        FactorisedGaussian(sizes)
