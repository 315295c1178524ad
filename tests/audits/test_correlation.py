import numpy as np
import pytest
import scipy.optimize
import scipy.stats

from iin_tf.audits.correlation import correlation_interval, maximum_likelihood_correlation


def draw(rho, pairs, size, seed):
    random = np.random.default_rng(seed)
    a = random.normal(size=(pairs, size))
    return a, rho * a + np.sqrt(1 - rho**2) * random.normal(size=(pairs, size))


@pytest.mark.parametrize("rho", [-0.4, 0.0, 0.3, 0.8, 0.975])
def test_the_estimate_maximises_scipys_likelihood(rho):
    a, b = draw(rho, pairs=200, size=1, seed=0)
    pairs = np.concatenate([a, b], axis=1)

    def nll(r):
        return -scipy.stats.multivariate_normal([0, 0], [[1, r], [r, 1]]).logpdf(pairs).sum()

    best = scipy.optimize.minimize_scalar(nll, bounds=(-0.999, 0.999), method="bounded")
    mine = maximum_likelihood_correlation(np.mean(a * b), np.mean(a**2 + b**2) / 2)
    # The bounded search stops within 1e-5.
    assert mine == pytest.approx(best.x, abs=1e-4)


@pytest.mark.parametrize("rho", [0.3, 0.8, 0.975])
def test_intervals_cover_the_truth(rho):
    covered = 0
    for seed in range(20):
        a, b = draw(rho, pairs=300, size=3, seed=seed)
        _, low, high = correlation_interval(a, b, np.arange(300), 300 + np.arange(300), seed)
        covered += low <= rho <= high
    # 53 of 60 over the three values; the product of counts makes intervals wide, not narrow.
    assert covered >= 18


def test_examples_that_take_part_in_many_pairs_widen_the_interval():
    a, b = draw(0.5, pairs=10, size=1, seed=0)
    few = np.repeat(np.arange(10), 50)
    _, low, high = correlation_interval(a[few], b[few], few, 10 + few, seed=0)
    apart = np.arange(500)
    _, low_apart, high_apart = correlation_interval(a[few], b[few], apart, 500 + apart, seed=0)
    # Ten members in place of 500: wider by far, though less than the square root of 50, because
    # so few resampled members cannot spread far.
    assert high - low > 2 * (high_apart - low_apart)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("size", [1e-9, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_blocks_equal_up_to_sign_correlate_fully(sign, size, dtype):
    a, _ = draw(0.0, pairs=50, size=3, seed=0)
    a = (size * a).astype(dtype)
    value, low, high = correlation_interval(a, sign * a, np.arange(50), 50 + np.arange(50), 0)
    assert value == sign
    assert low <= value <= high
    assert low == high == sign


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("square", [1e-18, 1e-9, 0.1, 1.0, 50.0])
def test_nearly_equal_blocks_approach_full_correlation(sign, square):
    for gap in square * 10.0 ** np.arange(-17, -3):
        rho = maximum_likelihood_correlation(sign * (square - gap), square)
        assert abs(rho) <= 1
        # The root is 1 - gap to first order; 1e-12 is where it counts as 1.
        accuracy = 2e-12 * max(1, square) + (1 + square) * gap**2
        assert sign * rho == pytest.approx(1 - gap, abs=accuracy)


def test_blocks_of_zeros_count_as_equal():
    assert maximum_likelihood_correlation(0.0, 0.0) == 1
