"""Blocks exchanged, interpolated, erased and sampled."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from small_network import LAYOUT, N, latents, make

# Two blocks of float32 arithmetic on numbers of order 10.
FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}
FLOAT64 = {"rtol": 1e-11, "atol": 1e-11}


@pytest.fixture(scope="module")
def network():
    return make()


@pytest.fixture(scope="module")
def exact():
    return make(dtype="float64")


def parts_of(network, z):
    return {name: part.numpy() for name, part in network.factors(z).items()}


def test_factors_are_the_blocks_and_go_back(network):
    z = latents()
    parts = network.factors(z)
    assert {name: part.shape[1] for name, part in parts.items()} == {
        "residual": 3,
        "digit": 2,
        "color": 1,
    }
    np.testing.assert_array_equal(np.concatenate(list(parts.values()), 1), network.transform(z))
    np.testing.assert_allclose(network.from_factors(parts), z, **FLOAT32)
    numpy_parts = {name: part.numpy() for name, part in parts.items()}
    np.testing.assert_allclose(network.from_factors(numpy_parts), z, **FLOAT32)


@pytest.mark.parametrize("factors", ["digit", ["color"], ["residual"], ["digit", "residual"], []])
def test_swap_exchanges_these_blocks_and_no_other(exact, factors):
    z, donor = latents(), latents(seed=2)
    z_new = parts_of(exact, exact.swap(z, donor, factors=factors))
    own, other = parts_of(exact, z), parts_of(exact, donor)
    for name in LAYOUT.names:
        source = other if name in ([factors] if isinstance(factors, str) else factors) else own
        np.testing.assert_allclose(z_new[name], source[name], **FLOAT64)


def test_swapping_everything_gives_the_donor(exact):
    z, donor = latents(), latents(seed=2)
    np.testing.assert_allclose(exact.swap(z, donor, LAYOUT.names), donor, **FLOAT64)


def test_interpolation_is_a_line_between_both_ends(exact):
    z, donor = latents(), latents(seed=2)
    path = exact.interpolate(z, donor, ["digit"], steps=5)
    assert path.shape == (9, 5, N)
    np.testing.assert_allclose(path[:, 0], z, **FLOAT64)
    np.testing.assert_allclose(path[:, -1], exact.swap(z, donor, ["digit"]), **FLOAT64)
    own, other = parts_of(exact, z), parts_of(exact, donor)
    for step, t in enumerate(np.linspace(0, 1, 5)):
        parts = parts_of(exact, path[:, step])
        np.testing.assert_allclose(
            parts["digit"], (1 - t) * own["digit"] + t * other["digit"], **FLOAT64
        )
        np.testing.assert_allclose(parts["color"], own["color"], **FLOAT64)
        np.testing.assert_allclose(parts["residual"], own["residual"], **FLOAT64)


def test_the_sphere_has_the_ends_of_the_line_and_a_norm_between(exact):
    z, donor = latents(), latents(seed=2)
    path = exact.interpolate(z, donor, ["digit"], steps=5, path="sphere")
    np.testing.assert_allclose(path[:, 0], z, **FLOAT64)
    np.testing.assert_allclose(path[:, -1], exact.swap(z, donor, ["digit"]), **FLOAT64)
    norms = [
        np.linalg.norm(parts_of(exact, rows)["digit"], axis=1)
        for rows in (z, path[:, 1], path[:, 2], path[:, 3], donor)
    ]
    for step in (1, 2, 3):
        expected = norms[0] + step / 4 * (norms[4] - norms[0])
        np.testing.assert_allclose(norms[step], expected, **FLOAT64)


def test_erasing_leaves_nothing_of_a_block_and_all_of_the_others(exact):
    z = latents(2000)
    own, mean = parts_of(exact, z), parts_of(exact, exact.erase(z, ["digit"], by="mean"))
    drawn = parts_of(exact, exact.erase(z, ["digit"], by="sample", seed=3))
    np.testing.assert_allclose(mean["digit"], np.zeros((2000, 2)), **FLOAT64)
    assert scipy.stats.kstest(drawn["digit"].ravel(), "norm").pvalue > 1e-3
    # The correlation of 2,000 independent pairs deviates by 0.022.
    assert np.abs(np.corrcoef(drawn["digit"].T, own["digit"].T)[:2, 2:]).max() < 0.1
    for parts in (mean, drawn):
        np.testing.assert_allclose(parts["color"], own["color"], **FLOAT64)
        np.testing.assert_allclose(parts["residual"], own["residual"], **FLOAT64)
    again, other = (exact.erase(z, "digit", seed=seed) for seed in (3, 2**40))
    np.testing.assert_array_equal(again, exact.erase(z, ["digit"], by="sample", seed=3))
    assert np.all(parts_of(exact, other)["digit"] != drawn["digit"])


def test_samples_are_standard_normal_behind_the_network(network):
    z = network.sample(5000, seed=3)
    z_tilde = network.transform(z).numpy()
    assert scipy.stats.kstest(z_tilde.ravel(), "norm").pvalue > 1e-3
    np.testing.assert_allclose(np.cov(z_tilde.T), np.eye(N), atol=0.1)


def test_a_seed_fixes_the_samples(network):
    np.testing.assert_array_equal(network.sample(4, seed=7), network.sample(4, seed=7))
    assert np.all(network.sample(4, seed=7) != network.sample(4, seed=8))
    assert np.all(network.sample(4) != network.sample(4))
    assert network.sample(0, seed=7).shape == (0, N)


def test_a_seed_has_64_bits(network):
    seeds = [1, 2**31, 2**32 + 1, 2**63 - 1, np.int64(2**40), tf.constant(2)]
    samples = np.concatenate([network.sample(1, seed=seed) for seed in seeds])
    assert len(np.unique(samples, axis=0)) == len(seeds)
    # Small seeds are what they were when a seed had 32 bits.
    marginal = network._marginal().sample(1, seed=(0, 7))
    np.testing.assert_allclose(network.sample(1, seed=7), network.invert(marginal), **FLOAT32)
