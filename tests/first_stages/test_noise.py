import numpy as np
import pytest

from iin_tf.first_stages import representation_noise


def test_noise_is_in_proportion_to_the_spread_of_each_dimension():
    rng = np.random.default_rng(0)
    mean = rng.normal(size=(500, 4)) * [1e-3, 1.0, 50.0, 1e4] + [0, 3, -2, 0]
    log_variance = representation_noise(mean, 0.1)
    assert log_variance.dtype == np.float32
    np.testing.assert_allclose(np.exp(log_variance / 2), 0.1 * mean.std(0), rtol=1e-5)


def test_isotropic_noise_is_of_one_size_in_all_directions():
    mean = np.random.default_rng(0).normal(size=(5000, 3)) * [1.0, 2.0, 2.0]
    log_variance = representation_noise(mean, 0.1, "isotropic")
    # The root of (1 + 4 + 4) / 3; 5,000 rows know it within some percent.
    np.testing.assert_allclose(np.exp(log_variance / 2), 0.1 * np.sqrt(3), rtol=0.03)
    assert len(set(log_variance)) == 1
    with pytest.raises(ValueError, match="kind is 'white'"):
        representation_noise(mean, 0.1, "white")


def test_noise_of_rescaled_representations_is_rescaled():
    mean = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    difference = representation_noise(8 * mean) - representation_noise(mean)
    np.testing.assert_allclose(difference, 2 * np.log(8), rtol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.1, -1234.5])
def test_a_constant_dimension_is_named(value):
    mean = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
    mean[:, 3] = value
    with pytest.raises(ValueError, match=r"dimension 3 is constant \(.*; 1 of 5"):
        representation_noise(mean)


def test_wrong_arguments_are_named():
    mean = np.random.default_rng(0).normal(size=(20, 2))
    with pytest.raises(ValueError, match=r"noise is 0\.0"):
        representation_noise(mean, 0.0)
    with pytest.raises(ValueError, match="noise is nan"):
        representation_noise(mean, float("nan"))
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        representation_noise(mean[0])
    mean[7, 1] = np.inf
    with pytest.raises(ValueError, match="row 7 is not finite"):
        representation_noise(mean)
