"""The linear front: what it starts from, and what it does to the data."""

import numpy as np
import pytest
import tensorflow as tf
from sklearn.decomposition import PCA

from iin_tf.bijectors import ActNorm, PrincipalAxes, Trailing
from iin_tf.bijectors.principal_axes import principal_axes_start


def rows(count, size, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(count, size)) @ random.normal(size=(size, size)) + 5


def test_the_data_it_starts_from_become_white():
    z = rows(20_000, 5)
    y = PrincipalAxes(*map(tf.constant, principal_axes_start(z))).forward(z).numpy()
    # Rounding of sums over 20,000 rows, magnified by the inverse of the smallest spread.
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(np.cov(y.T, ddof=0), np.eye(5), atol=1e-10)


def test_the_axes_are_those_of_principal_components_the_widest_last():
    z = rows(2_000, 6, seed=1)
    mean, axes, log_spread = principal_axes_start(z)
    oracle = PCA().fit(z)
    np.testing.assert_allclose(mean, oracle.mean_, rtol=1e-10)
    alike = np.abs(np.sum(axes[:, ::-1].T * oracle.components_, axis=1))
    np.testing.assert_allclose(alike, 1, atol=1e-8)
    # scikit-learn divides by rows - 1.
    variances = np.exp(2 * log_spread[::-1]) * 2_000 / 1_999
    np.testing.assert_allclose(variances, oracle.explained_variance_, rtol=1e-8)


@pytest.mark.parametrize("unit", [1e-30, 1e-6, 1e6, 1e30])
def test_the_unit_of_the_data_does_not_matter(unit):
    z = rows(100, 4, seed=2)
    _, axes, log_spread = principal_axes_start(z)
    _, scaled_axes, scaled_log_spread = principal_axes_start(unit * z)
    np.testing.assert_allclose(np.abs(scaled_axes), np.abs(axes), atol=1e-6)
    np.testing.assert_allclose(scaled_log_spread, log_spread + np.log(unit), atol=1e-6)


def test_fewer_rows_than_dimensions_still_invert():
    z = rows(20, 50, seed=3)
    front = PrincipalAxes(*map(tf.constant, principal_axes_start(z)))
    y = front.forward(z)
    assert np.isfinite(y).all()
    np.testing.assert_allclose(front.inverse(tf.identity(y)), z, rtol=1e-10)


def test_the_leading_dimensions_pass_through():
    inner = ActNorm(tf.constant([1.0, 2.0]), tf.constant([0.5, -0.25]))
    part = Trailing(inner, 2)
    x = tf.constant(rows(3, 5, seed=4), tf.float32)
    y, log_det = part.forward_and_log_det(x)
    np.testing.assert_array_equal(y[:, :3], x[:, :3])
    np.testing.assert_allclose(y[:, 3:], inner.forward(x[:, 3:]))
    np.testing.assert_allclose(log_det, inner.forward_log_det_jacobian(x[:, 3:]))


def test_equal_rows_are_named():
    with pytest.raises(ValueError, match="z is constant over the 3 rows"):
        principal_axes_start(np.ones((3, 4)))
