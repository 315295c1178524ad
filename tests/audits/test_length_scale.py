"""The length scale of a block: recovered where it is known, against scipy's density."""

import numpy as np
import pytest
import scipy.stats

from iin_tf.audits.length_scale import estimate_length_scale
from iin_tf.data.pairs.label_kernel import SquaredExponential

CAP = 0.99


class Known:
    """A network whose block "angle" is the representation itself."""

    def factors(self, z):
        return {"angle": z}


def process(kernel, values, size, seed):
    """A block whose every pair has the correlation cap k(y_a, y_b): a Gaussian process."""
    random = np.random.default_rng(seed)
    rows = np.arange(len(values))
    first, second = np.repeat(rows, len(rows)), np.tile(rows, len(rows))
    covariance = CAP * kernel.correlation(values[first], values[second])
    covariance = covariance.reshape(len(rows), -1) + (1 - CAP) * np.eye(len(rows))
    return np.linalg.cholesky(covariance) @ random.normal(size=(len(rows), size))


@pytest.mark.parametrize(
    ("scale", "period"), [(0.15, 2 * np.pi), (0.5, 2 * np.pi), (0.05, None), (20.0, 360.0)]
)
def test_a_known_scale_is_recovered(scale, period):
    values = np.random.default_rng(0).uniform(0, period or 1.0, size=600)
    z = process(SquaredExponential(scale, period), values, size=8, seed=1)
    found = estimate_length_scale(Known(), z, values, "angle", period, cap=CAP)
    # A process of 8 dimensions shows its scale at about 8 * period / (2 scale) > 50 places.
    assert found.value == pytest.approx(scale, rel=0.15)
    assert found.low < found.value < found.high
    assert not found.at_bound


def test_several_channels_are_taken_jointly():
    values = np.random.default_rng(0).uniform(size=(600, 2))
    z = process(SquaredExponential(0.2), values, size=8, seed=1)
    found = estimate_length_scale(Known(), z, values, "angle", cap=CAP)
    assert found.value == pytest.approx(0.2, rel=0.15)


def test_the_curve_is_scipys_likelihood():
    # Two examples: all pairs are (0, 1), in either order.
    values, z = np.array([0.0, 1.0]), np.array([[0.3, -1.0], [1.2, 0.4]])
    found = estimate_length_scale(Known(), z, values, "angle", bounds=(0.5, 2.0), cap=CAP)
    for at in (0, 25, 59):
        rho = CAP * np.exp(-0.5 / found.scales[at] ** 2)
        density = scipy.stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]])
        expected = -density.logpdf(z.T).sum() - 2 * np.log(2 * np.pi)
        assert found.nll[at] == pytest.approx(expected, rel=1e-9)


def test_missing_labels_are_left_out_and_a_bound_is_reported():
    random = np.random.default_rng(0)
    values = random.uniform(size=200)
    z = process(SquaredExponential(0.05), values, size=8, seed=1)
    z[:20] = np.nan
    values[:20] = np.nan
    found = estimate_length_scale(Known(), z, values, "angle", bounds=(0.5, 2.0), cap=CAP)
    assert np.isfinite(found.nll).all()
    assert found.at_bound
    assert found.value == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": np.array(["a", "b", "c"])}, "continuous factor needs numbers"),
        ({"values": np.zeros(2)}, "values has 2 rows and z has 3"),
        ({"values": np.ones(3)}, "all equal"),
        ({"values": np.array([np.nan, np.nan, 1.0])}, "two sources"),
        ({"source": np.zeros(3, int)}, "two sources"),
        ({"bounds": (0.0, 1.0)}, "bounds is"),
        ({"cap": 1.0}, "cap is 1.0"),
    ],
)
def test_wrong_input_is_refused(changes, message):
    given = {"z": np.zeros((3, 2)), "values": np.arange(3.0), **changes}
    with pytest.raises(ValueError, match=message):
        estimate_length_scale(Known(), factor="angle", **given)
