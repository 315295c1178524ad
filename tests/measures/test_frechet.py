"""Fréchet and kernel distance against closed forms."""

import numpy as np
import pytest
from scipy import linalg
from sklearn.metrics.pairwise import polynomial_kernel

from iin_tf.measures.frechet import (
    features_of,
    frechet_distance,
    gaussian_frechet,
    kernel_distance,
    unbiased_discrepancy,
)


def covariance(rng, width, rank=None):
    factor = rng.normal(size=(width, rank or width + 2))
    return factor @ factor.T


def test_closed_form_against_scipy_matrix_roots():
    rng = np.random.default_rng(0)
    a, b = covariance(rng, 5), covariance(rng, 5)
    mean_a, mean_b = rng.normal(size=(2, 5))
    root = linalg.sqrtm(a @ b)
    expected = np.sum((mean_a - mean_b) ** 2) + np.trace(a + b - 2 * root.real)
    assert gaussian_frechet(mean_a, a, mean_b, b) == pytest.approx(expected, rel=1e-9)


def test_closed_form_of_commuting_covariances():
    a, b = np.diag([4.0, 9.0]), np.diag([1.0, 16.0])
    # (2 - 1)^2 + (3 - 4)^2 and the squared distance of the means.
    assert gaussian_frechet(np.zeros(2), a, np.array([3.0, 0]), b) == pytest.approx(11)


def test_singular_covariances_stay_real():
    rng = np.random.default_rng(0)
    singular = covariance(rng, 6, rank=2)
    # Roots of rounding: 1e-16 of the trace becomes 1e-8.
    assert gaussian_frechet(np.zeros(6), singular, np.zeros(6), singular) < 1e-6


def test_samples_of_gaussians_reach_the_closed_form():
    rng = np.random.default_rng(0)
    b, mean = covariance(rng, 4) / 4, np.array([1.0, 0, 0, 0])
    first = rng.normal(size=(4_000, 4))
    second = rng.multivariate_normal(mean, b, 4_000)
    measure = frechet_distance(first, second)
    expected = gaussian_frechet(np.zeros(4), np.eye(4), mean, b)
    assert measure.interval[0] <= expected <= measure.interval[1]
    # Standard error of a squared distance near 1 to 5 from 4,000 rows.
    assert measure.value == pytest.approx(expected, rel=0.1)


def test_bias_of_equal_sets_is_found_by_half_samples():
    rng = np.random.default_rng(0)
    measure = frechet_distance(rng.normal(size=(400, 20)), rng.normal(size=(400, 20)))
    # The truth is 0: all of the value is bias.
    assert measure.value > 0.1
    assert abs(measure.parts["extrapolated"]) < 0.3 * measure.value


def test_kernel_distance_equals_its_definition():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(7, 3)), rng.normal(size=(5, 3))

    def kernel(x, y):
        return polynomial_kernel(x, y, degree=3, gamma=1 / 3, coef0=1)

    within = [k[~np.eye(len(k), dtype=bool)].mean() for k in (kernel(a, a), kernel(b, b))]
    expected = sum(within) - 2 * kernel(a, b).mean()
    assert unbiased_discrepancy(a, b) == pytest.approx(expected, rel=1e-12)


def test_kernel_distance_is_unbiased_and_sees_a_shift():
    rng = np.random.default_rng(0)
    values = [unbiased_discrepancy(*rng.normal(size=(2, 100, 4))) for _ in range(200)]
    # Mean of 200 against its own standard error, four of them.
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(200)
    a, b = rng.normal(size=(500, 4)), rng.normal(size=(600, 4)) + 0.5
    measure = kernel_distance(a, b)
    assert measure.interval[0] > 0
    assert kernel_distance(a, b).value == measure.value
    assert kernel_distance(a, b, rows=100).protocol["rows"] == [100, 100]


def test_features_of_any_model_in_batches():
    images = np.arange(10 * 2 * 2.0).reshape(10, 2, 2)
    features = features_of(lambda batch: batch * 2, images, batch=3)
    np.testing.assert_array_equal(features, 2 * images.reshape(10, 4))


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
@pytest.mark.parametrize(
    ("a", "b", "settings", "words"),
    [
        (np.ones((9, 3)), np.ones((9, 4)), {}, "one feature model"),
        (np.full((9, 3), np.nan), np.ones((9, 3)), {}, "not finite"),
        (np.ones((3, 3)), np.ones((9, 3)), {}, "at least 4"),
        (np.ones((9, 3)), np.ones((9, 3)), {"repeats": 1}, "repeats is 1"),
        (np.ones((9, 3)), np.ones((9, 3)), {"level": 95}, "level is 95; give a number between"),
        (np.ones((9, 3)), np.ones((9, 3)), {"level": 0}, "level is 0; give a number between"),
    ],
)
def test_bad_input_is_one_clear_line(distance, a, b, settings, words):
    with pytest.raises(ValueError, match=words):
        distance(a, b, **settings)


@pytest.mark.parametrize("rows", [-1, 0, 1, 2, 3, 10.0])
def test_kernel_distance_needs_pairs_within_half_of_the_rows(rows):
    features = np.random.default_rng(0).normal(size=(9, 3))
    with pytest.raises(ValueError, match=f"rows is {rows}; give a whole number of at least 4"):
        kernel_distance(features, features, rows=rows)


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
def test_four_rows_are_enough(distance):
    first, second = np.random.default_rng(0).normal(size=(2, 4, 3))
    measure = distance(first, second)
    low, high = measure.interval
    assert low <= measure.value <= high
    assert np.isfinite(kernel_distance(*np.ones((2, 9, 3)), rows=4).interval).all()
