"""The paired Gaussian against scipy, closed forms and its own samples."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
import tensorflow_probability as tfp

from iin_tf.distributions import FactorisedGaussian, PairedGaussian

tfd = tfp.distributions
SIZES = (3, 1, 2)
SIZE = sum(SIZES)
CORRELATIONS = {
    "none": [0.0, 0.0, 0.0],
    "the residual": [0.975, 0.0, 0.0],
    "the first factor": [0.0, 0.975, 0.0],
    "the second factor": [0.0, 0.0, 0.5],
    "both factors": [0.0, 0.8, 0.3],
    "everything": [0.1, 0.999, 0.7],
}


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def stacked_covariance(correlation, sizes=SIZES):
    """Covariance [2N, 2N] of the pair as one vector."""
    rho = np.diag(np.repeat(correlation, sizes))
    eye = np.eye(sum(sizes))
    return np.block([[eye, rho], [rho, eye]])


def oracle(correlation, sizes=SIZES):
    return scipy.stats.multivariate_normal(cov=stacked_covariance(correlation, sizes))


@pytest.fixture(params=CORRELATIONS)
def correlation(request):
    return np.array(CORRELATIONS[request.param])


def test_log_prob_is_the_normal_density_of_the_stacked_pair(correlation):
    pairs = normal(50, 2, SIZE)
    log_prob = PairedGaussian(correlation, SIZES).log_prob(pairs)
    expected = oracle(correlation).logpdf(pairs.reshape(50, -1))
    # 1 - rho^2 = 0.002 magnifies the rounding of scipy's decomposition.
    np.testing.assert_allclose(log_prob, expected, rtol=1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_log_prob_for_random_sizes_and_correlations(seed):
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 5, size=random.integers(1, 9))
    # Beside ordinary ones, exact zeros, which a batch of pairs is full of.
    correlation = random.uniform(0, 0.99, len(sizes)) * (random.random(len(sizes)) < 0.7)
    pairs = random.normal(size=(20, 2, sizes.sum()))
    log_prob = PairedGaussian(correlation, sizes).log_prob(pairs)
    expected = oracle(correlation, sizes).logpdf(pairs.reshape(20, -1))
    np.testing.assert_allclose(log_prob, expected, rtol=1e-11)


def test_zero_correlation_is_two_marginals():
    pairs = normal(20, 2, SIZE)
    marginal = FactorisedGaussian(SIZES, dtype=tf.float64)
    np.testing.assert_allclose(
        PairedGaussian(np.zeros(3), SIZES).log_prob(pairs),
        marginal.log_prob(pairs[:, 0]) + marginal.log_prob(pairs[:, 1]),
        rtol=1e-13,
    )


def test_log_prob_is_symmetric_to_the_last_bit(correlation):
    distribution, pairs = PairedGaussian(correlation, SIZES), normal(50, 2, SIZE)
    np.testing.assert_array_equal(
        distribution.log_prob(pairs), distribution.log_prob(pairs[:, ::-1])
    )


def test_log_prob_equals_the_conditional_of_the_paper(correlation):
    pairs = normal(20, 2, SIZE)
    a, b = pairs[:, 0], pairs[:, 1]
    rho = np.repeat(correlation, SIZES)
    conditional = scipy.stats.norm(rho * a, np.sqrt(1 - rho**2)).logpdf(b).sum(1)
    expected = scipy.stats.norm.logpdf(a).sum(1) + conditional
    np.testing.assert_allclose(
        PairedGaussian(correlation, SIZES).log_prob(pairs), expected, rtol=1e-11
    )


def test_published_two_term_loss_has_the_same_gradient():
    """For fixed rho the published loss differs from this likelihood by a constant."""
    pairs, rho = tf.constant(normal(20, 2, SIZE)), 0.975
    shared = np.repeat([False, True, False], SIZES)

    def published(pairs):
        a, b = tf.unstack(pairs, axis=1)
        marginal = 0.5 * tf.reduce_sum(a**2, 1)
        fixed = 0.5 * (b - rho * a) ** 2 / (1 - rho**2)
        return tf.reduce_sum(marginal + tf.reduce_sum(tf.where(shared, fixed, 0.5 * b**2), 1))

    def ours(pairs):
        distribution = PairedGaussian(np.array([0, rho, 0]), SIZES)
        return -tf.reduce_sum(distribution.log_prob(pairs))

    (value, gradient), (ours_value, ours_gradient) = (
        tfp.math.value_and_gradient(loss, pairs) for loss in (published, ours)
    )
    np.testing.assert_allclose(ours_gradient, gradient, rtol=1e-9, atol=1e-9)
    constant = 20 * (SIZE * np.log(2 * np.pi) + 0.5 * SIZES[1] * np.log(1 - rho**2))
    np.testing.assert_allclose(ours_value, value + constant, rtol=1e-12)


def test_gradient_of_the_correlation():
    pairs = normal(20, 2, SIZE)

    def total(correlation):
        return tf.reduce_sum(PairedGaussian(correlation, SIZES).log_prob(pairs))

    correlation, step = tf.constant([0.0, 0.8, 0.3], tf.float64), 1e-6
    _, gradient = tfp.math.value_and_gradient(total, correlation)
    for block in range(3):
        move = step * tf.one_hot(block, 3, dtype=tf.float64)
        difference = (total(correlation + move) - total(correlation - move)) / (2 * step)
        # Central differences: step^2 and rounding / step.
        np.testing.assert_allclose(gradient[block], difference, rtol=1e-6)


def test_moments_are_those_of_the_samples(correlation):
    distribution, n = PairedGaussian(correlation, SIZES), 40_000
    samples = distribution.sample(n, seed=(1, 2)).numpy().reshape(n, -1)
    # A covariance of n standard normal pairs deviates by sqrt(2 / n) = 0.007.
    np.testing.assert_allclose(np.cov(samples.T), stacked_covariance(correlation), atol=0.035)
    np.testing.assert_allclose(samples.mean(0), np.zeros(2 * SIZE), atol=0.025)
    np.testing.assert_array_equal(distribution.covariance(), stacked_covariance(correlation))
    np.testing.assert_array_equal(distribution.mean(), np.zeros((2, SIZE)))
    np.testing.assert_array_equal(distribution.mode(), np.zeros((2, SIZE)))
    np.testing.assert_array_equal(distribution.variance(), np.ones((2, SIZE)))
    np.testing.assert_array_equal(distribution.stddev(), np.ones((2, SIZE)))


def test_samples_follow_the_conditional_exactly_at_high_correlation():
    rho, n = 0.975, 20_000
    a, b = np.moveaxis(PairedGaussian([rho], [4]).sample(n, seed=(0, 1)).numpy(), 1, 0)
    noise = (b - rho * a) / np.sqrt(1 - rho**2)
    assert scipy.stats.kstest(noise.ravel(), "norm").pvalue > 1e-3
    assert np.abs(np.corrcoef(a.ravel(), noise.ravel())[0, 1]) < 4 / np.sqrt(4 * n)


def test_entropy(correlation):
    distribution = PairedGaussian(correlation, SIZES)
    np.testing.assert_allclose(distribution.entropy(), oracle(correlation).entropy(), rtol=1e-11)
    log_prob = distribution.log_prob(distribution.sample(20_000, seed=(3, 4)))
    # The log-density of 2N normals deviates by sqrt(N) = 2.4: its mean by 0.017.
    np.testing.assert_allclose(distribution.entropy(), -np.mean(log_prob), atol=0.07)


def batched(*batch):
    correlation = np.random.default_rng(0).uniform(0, 0.9, (*batch, 3))
    return PairedGaussian(correlation, SIZES), correlation


def test_shapes_of_a_batch():
    distribution, _ = batched(4, 5)
    assert distribution.event_shape == [2, SIZE]
    assert distribution.batch_shape == [4, 5]
    np.testing.assert_array_equal(distribution.batch_shape_tensor(), [4, 5])
    np.testing.assert_array_equal(distribution.event_shape_tensor(), [2, SIZE])
    assert distribution.sample(seed=1).shape == [4, 5, 2, SIZE]
    assert distribution.sample((3, 0), seed=1).shape == [3, 0, 4, 5, 2, SIZE]
    for statistic, shape in (
        (distribution.mean(), [4, 5, 2, SIZE]),
        (distribution.variance(), [4, 5, 2, SIZE]),
        (distribution.covariance(), [4, 5, 2 * SIZE, 2 * SIZE]),
        (distribution.entropy(), [4, 5]),
        (distribution.log_prob(normal(2, SIZE)), [4, 5]),
        (distribution.log_prob(normal(7, 1, 5, 2, SIZE)), [7, 4, 5]),
    ):
        assert statistic.shape == shape


def test_a_batch_is_its_members():
    distribution, correlation = batched(3)
    pairs = normal(3, 2, SIZE)
    whole = distribution.log_prob(pairs)
    for i in range(3):
        one = PairedGaussian(correlation[i], SIZES)
        np.testing.assert_allclose(whole[i], one.log_prob(pairs[i]), rtol=1e-13)
        np.testing.assert_allclose(distribution.entropy()[i], one.entropy(), rtol=1e-13)
        np.testing.assert_array_equal(distribution.covariance()[i], one.covariance())


@pytest.mark.parametrize("index", [0, -1, slice(1, 3), (slice(None), 2), (..., 0), (tf.newaxis, 1)])
def test_slices(index):
    distribution, correlation = batched(4, 5)
    part = distribution[index]
    expected = correlation[(*index, slice(None)) if isinstance(index, tuple) else index]
    np.testing.assert_array_equal(part.correlation, expected)
    assert part.batch_shape == expected.shape[:-1]
    assert part.event_shape == [2, SIZE]


def test_copy_replaces_what_is_named():
    distribution, correlation = batched(4)
    again = distribution.copy()
    np.testing.assert_array_equal(again.correlation, correlation)
    assert again.block_sizes == SIZES
    other = distribution.copy(correlation=np.array([0.0, 0.0, 0.5]))
    assert other.batch_shape == []
    assert other.block_sizes == SIZES


def test_a_batch_of_size_zero():
    distribution, _ = batched(0)
    assert distribution.log_prob(normal(0, 2, SIZE)).shape == [0]
    assert distribution.sample(seed=1).shape == [0, 2, SIZE]


def test_in_a_graph_with_unknown_batch():
    @tf.function(input_signature=[tf.TensorSpec([None, 3]), tf.TensorSpec([None, 2, SIZE])])
    def run(correlation, pairs):
        distribution = PairedGaussian(correlation, SIZES)
        sample = distribution.sample(seed=(1, 2))
        return distribution.log_prob(pairs), sample, distribution.mean(), distribution.covariance()

    _, correlation = batched(4)
    correlation, pairs = tf.cast(correlation, tf.float32), tf.cast(normal(4, 2, SIZE), tf.float32)
    eager = PairedGaussian(correlation, SIZES)
    log_prob, sample, mean, covariance = run(correlation, pairs)
    # float32.
    np.testing.assert_allclose(log_prob, eager.log_prob(pairs), rtol=1e-5)
    np.testing.assert_allclose(sample, eager.sample(seed=(1, 2)), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(mean, eager.mean())
    np.testing.assert_array_equal(covariance, eager.covariance())


def test_a_stateless_seed_repeats_and_members_differ():
    distribution, _ = batched(3)
    first = distribution.sample(10, seed=(5, 6))
    np.testing.assert_array_equal(first, distribution.sample(10, seed=(5, 6)))
    assert np.all(first != distribution.sample(10, seed=(5, 7)))
    assert np.all(first[:, :, 0] != first[:, :, 1])


def test_samples_are_differentiable():
    def total(correlation):
        return tf.reduce_sum(PairedGaussian(correlation, SIZES).sample(5, seed=(1, 2)))

    _, gradient = tfp.math.value_and_gradient(total, tf.constant([0.1, 0.5, 0.9]))
    assert np.all(np.isfinite(gradient) & (gradient != 0))


def test_a_variable_is_read_when_it_is_used():
    correlation = tf.Variable([0.0, 0.5, 0.5])
    distribution, pairs = PairedGaussian(correlation, SIZES), tf.ones([2, SIZE])
    before = distribution.log_prob(pairs)
    correlation.assign([0.0, 0.9, 0.5])
    assert distribution.log_prob(pairs) != before
    assert distribution.trainable_variables == (correlation,)


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_dtype_follows_the_correlation(dtype):
    distribution = PairedGaussian(tf.constant([0.0, 0.5, 0.5], dtype), SIZES)
    assert distribution.dtype == dtype
    assert distribution.sample(seed=1).dtype == dtype
    assert distribution.log_prob(np.zeros([2, SIZE])).dtype == dtype


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=r"correlation has shape \(2,\).*each of the 3 blocks"):
        PairedGaussian([0.1, 0.2], SIZES)
    with pytest.raises(ValueError, match=r"block_sizes\[1\] is 0"):
        PairedGaussian([0.1, 0.2], (3, 0))
    for wrong in (1.0, -0.1):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"correlation must lie in \[0, 1"):
            PairedGaussian([0.0, wrong, 0.0], SIZES, validate_args=True).log_prob(
                tf.zeros([2, SIZE])
            )
