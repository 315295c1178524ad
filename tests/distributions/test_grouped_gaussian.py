"""The joint of a labelled batch against scipy's normal density of the stacked batch."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
import tensorflow_probability as tfp

from iin_tf.distributions import FactorisedGaussian, GroupedGaussian, PairedGaussian

tfd, tfb = tfp.distributions, tfp.bijectors
SIZES = (3, 1, 2)
SIZE = sum(SIZES)
RHO = np.array([0.4, 0.975, 0.5])
LABELS = {
    "nothing known": [[-1, -1]] * 5,
    "one group": [[7, -1]] * 5,
    "groups of one": [[1, 5], [2, 4], [3, 3], [4, 2]],
    "uneven": [[1, 0], [1, 0], [1, 3], [2, 0], [2, 3], [9, -1], [-1, -1], [1, 0]],
    "one example": [[3, 3]],
}


def stacked_covariance(labels, rho, sizes=SIZES):
    """Covariance [BN, BN] of the batch as one vector, example by example."""
    rows = len(labels)
    covariance = np.eye(rows * sum(sizes))
    block = np.repeat(np.arange(len(sizes)), sizes)
    for i in range(rows):
        for j in range(rows):
            for d, k in enumerate(block):
                if i != j and k and labels[i][k - 1] == labels[j][k - 1] != -1:
                    covariance[i * len(block) + d, j * len(block) + d] = rho[k]
    return covariance


@pytest.fixture(params=LABELS)
def labels(request):
    return np.array(LABELS[request.param])


def test_log_prob_is_the_normal_density_of_the_stacked_batch(labels):
    values = np.random.default_rng(0).normal(size=(20, len(labels), SIZE))
    log_prob = GroupedGaussian(labels, RHO, SIZES).log_prob(values)
    oracle = scipy.stats.multivariate_normal(cov=stacked_covariance(labels, RHO))
    # Eigenvalues of 0.025 magnify the rounding of scipy's decomposition.
    np.testing.assert_allclose(log_prob, oracle.logpdf(values.reshape(20, -1)), rtol=1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_log_prob_for_random_groups_sizes_and_correlations(seed):
    random = np.random.default_rng(seed)
    sizes = tuple(random.integers(1, 4, size=random.integers(2, 5)))
    rho = random.uniform(0, 0.99, len(sizes))
    labels = random.integers(-1, 3, size=(random.integers(1, 12), len(sizes) - 1))
    values = random.normal(size=(4, len(labels), sum(sizes)))
    log_prob = GroupedGaussian(labels, rho, sizes).log_prob(values)
    oracle = scipy.stats.multivariate_normal(cov=stacked_covariance(labels, rho, sizes))
    # As above, with eigenvalues down to 0.01.
    np.testing.assert_allclose(log_prob, oracle.logpdf(values.reshape(4, -1)), rtol=1e-10)


def test_groups_of_two_are_pairs():
    pairs = np.random.default_rng(1).normal(size=(6, 2, SIZE))
    labels = np.stack([np.repeat(np.arange(6), 2), np.full(12, -1)], axis=1)
    shared = np.where([False, True, False], RHO, 0)
    np.testing.assert_allclose(
        GroupedGaussian(labels, RHO, SIZES).log_prob(pairs.reshape(12, SIZE)),
        tf.reduce_sum(PairedGaussian(shared, SIZES).log_prob(pairs)),
        rtol=1e-12,
    )


def test_without_labels_it_is_the_product_of_marginals():
    values = np.random.default_rng(2).normal(size=(4, SIZE))
    marginal = FactorisedGaussian(SIZES, dtype=tf.float64).log_prob(values)
    unknown = GroupedGaussian(np.full((4, 2), -1), RHO, SIZES)
    np.testing.assert_allclose(unknown.example_log_prob(values), marginal, rtol=1e-13)


def test_shares_sum_to_the_whole_and_follow_the_order_of_examples():
    labels = np.array(LABELS["uneven"])
    values = np.random.default_rng(3).normal(size=(len(labels), SIZE))
    joint = GroupedGaussian(labels, RHO, SIZES)
    shares = joint.example_log_prob(values).numpy()
    np.testing.assert_allclose(shares.sum(), joint.log_prob(values), rtol=1e-12)
    order = np.random.default_rng(4).permutation(len(labels))
    moved = GroupedGaussian(labels[order], RHO, SIZES).example_log_prob(values[order])
    np.testing.assert_allclose(moved, shares[order], rtol=1e-12)


def test_large_groups_at_a_high_correlation_lose_no_digits():
    # Members that nearly coincide: a difference of two large sums would be noise in float32.
    random = np.random.default_rng(6)
    labels = np.repeat(np.arange(4), 512)[:, None].repeat(2, axis=1)
    values = 3 * np.repeat(random.normal(size=(4, SIZE)), 512, axis=0)
    values += 0.03 * random.normal(size=values.shape)
    values = values.astype("float32")
    single, double = (
        GroupedGaussian(labels, np.array([0, 0.999, 0.999], dtype), SIZES).log_prob(
            values.astype(dtype)
        )
        for dtype in ("float32", "float64")
    )
    # 1 - rho itself has a rounding of 6e-8 / 0.001.
    np.testing.assert_allclose(single, double, rtol=1e-4)


def test_samples_have_the_covariance_of_the_density():
    labels = np.array([[1, 0], [1, 3], [2, 0], [-1, 0]])
    joint = GroupedGaussian(labels, RHO, SIZES)
    draws = joint.sample(20_000, seed=0).numpy().reshape(20_000, -1)
    # The standard error of a correlation is at most 1 / sqrt(20,000) = 0.007; five of them.
    np.testing.assert_allclose(np.cov(draws.T), stacked_covariance(labels, RHO), atol=0.035)
    np.testing.assert_array_equal(joint.mean(), np.zeros((4, SIZE)))


def test_a_flow_in_front_adds_the_log_det_of_every_row():
    labels = np.array(LABELS["uneven"])
    scale = np.array([1.5, 0.5, 2.0, 1.0, 3.0, 0.1])
    flow = tfb.Scale(tf.constant(scale))
    values = np.random.default_rng(5).normal(size=(len(labels), SIZE))
    joint = GroupedGaussian(labels, RHO, SIZES)
    whole = tfd.TransformedDistribution(joint, flow)
    expected = joint.log_prob(values / scale) - len(labels) * np.log(scale).sum()
    np.testing.assert_allclose(whole.log_prob(values), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("labels", "rho", "message"),
    [
        ([1, 2], RHO, r"labels has shape \(2,\).*give whole numbers \[B, 2\]"),
        ([[1, 2, 3]], RHO, r"labels has shape \(1, 3\)"),
        ([[1.0, 2.0]], RHO, "dtype float"),
        ([[1, 2]], RHO[:2], r"correlation has shape \(2,\); give one number for each of the 3"),
    ],
)
def test_what_does_not_fit_is_named(labels, rho, message):
    with pytest.raises(ValueError, match=message):
        GroupedGaussian(np.array(labels), rho, SIZES)
