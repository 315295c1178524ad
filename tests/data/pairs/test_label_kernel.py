"""The kernel against its formula, and its positive definiteness."""

import numpy as np
import pytest

from iin_tf.data.pairs.label_kernel import SquaredExponential


def gram(kernel, values):
    n = len(values)
    left, right = np.divmod(np.arange(n * n), n)
    return kernel.correlation(values[left], values[right]).reshape(n, n)


def test_line_channels_and_circle_follow_their_formulas():
    random = np.random.default_rng(0)
    y = random.normal(size=(2, 50))
    line = SquaredExponential(0.7).correlation(*y)
    np.testing.assert_allclose(line, np.exp(-((y[0] - y[1]) ** 2) / (2 * 0.7**2)), rtol=1e-12)
    rgb = random.random((2, 50, 3))
    joint = SquaredExponential(0.2).correlation(*rgb)
    square = ((rgb[0] - rgb[1]) ** 2).sum(axis=1)
    np.testing.assert_allclose(joint, np.exp(-square / (2 * 0.2**2)), rtol=1e-12)
    scaled = SquaredExponential((0.2, 0.3, 0.5)).correlation(*rgb)
    square = ((rgb[0] - rgb[1]) ** 2 / np.array([0.2, 0.3, 0.5]) ** 2).sum(axis=1)
    np.testing.assert_allclose(scaled, np.exp(-square / 2), rtol=1e-12)
    angle = random.uniform(-10, 10, size=(2, 50))
    circle = SquaredExponential(0.6, period=2 * np.pi).correlation(*angle)
    expected = np.exp((np.cos(angle[0] - angle[1]) - 1) / 0.6**2)
    # The difference of two cosines loses a few of float64's digits.
    np.testing.assert_allclose(circle, expected, rtol=1e-10)


def test_the_circle_closes_and_is_the_line_at_small_distances():
    degrees = SquaredExponential(20, period=360)
    np.testing.assert_allclose(
        degrees.correlation([359.0], [1.0]), degrees.correlation([0.0], [2.0])
    )
    np.testing.assert_allclose(degrees.correlation([5.0], [365.0]), 1)
    # The chord differs from the arc by a relative theta^2 / 24, 5e-5 at 2 degrees.
    line = SquaredExponential(20).correlation([0.0], [2.0])
    np.testing.assert_allclose(degrees.correlation([0.0], [2.0]), line, rtol=1e-4)


@pytest.mark.parametrize("kernel", [SquaredExponential(0.5), SquaredExponential(90.0, period=360)])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_kernel_is_positive_definite(kernel, channels):
    high = 1 if kernel.period is None else 360
    values = np.random.default_rng(1).uniform(0, high, size=(60, channels))
    # Smooth kernels have eigenvalues that are zero but for rounding.
    assert np.linalg.eigvalsh(gram(kernel, values)).min() > -1e-10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"length_scale": 0}, "length_scale is 0"),
        ({"length_scale": -1.0}, "length_scale is -1.0"),
        ({"length_scale": np.nan}, "length_scale is nan"),
        ({"length_scale": "wide"}, "length_scale has dtype <U4; give an array of numbers"),
        ({"length_scale": (1.0, 0.0)}, "length_scale is"),
        ({"length_scale": 1, "period": 0}, "period is 0"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        SquaredExponential(**arguments)


def test_scales_must_fit_the_channels():
    with pytest.raises(ValueError, match="length_scale has 2 entries, but the label 3 channels"):
        SquaredExponential((1.0, 2.0)).embed(np.zeros((4, 3)))
