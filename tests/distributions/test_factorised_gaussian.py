"""The factorised Gaussian against scipy and closed forms."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from iin_tf.checks import InputError
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


def test_kl_of_standard_normals_is_zero_whatever_the_blocks():
    assert FactorisedGaussian([2, 1]).kl_divergence(FactorisedGaussian([3])) == 0
    with pytest.raises(InputError, match="dimensions"):
        FactorisedGaussian([2, 1]).kl_divergence(FactorisedGaussian([2]))


def test_values_of_another_size_are_refused():
    with pytest.raises(InputError, match=r"value has shape \(5, 1\); its last axes must be \[3\]"):
        FactorisedGaussian([2, 1]).log_prob(np.ones((5, 1), np.float32))


@pytest.mark.parametrize("sizes", [3, (), (3, 0), (-1,), [1.5], [True], ["a"]])
def test_wrong_sizes_are_named(sizes):
    with pytest.raises(InputError, match="block_sizes"):
        FactorisedGaussian(sizes)


@pytest.mark.parametrize("slices", [0, slice(None), (tf.newaxis, 0)])
def test_there_is_no_batch_to_slice(slices):
    with pytest.raises(InputError, match=r"batch shape is \[\]"):
        FactorisedGaussian([2, 1])[slices]


def test_new_axes_are_batch_dimensions_of_one():
    base, z = FactorisedGaussian([2, 1]), np.ones((5, 1, 1, 3), np.float32)
    sliced = base[tf.newaxis, ..., tf.newaxis]
    assert (sliced.batch_shape, sliced.event_shape) == ([1, 1], [3])
    np.testing.assert_array_equal(sliced.log_prob(z), base.log_prob(z))
    assert base[...] is base
