"""Directions along which pairs agree, of Gaussians whose agreement is known."""

import numpy as np
import pytest
import scipy.stats

from iin_tf import estimate_factor_sizes
from iin_tf.checks import InputError
from iin_tf.shared_directions import count_shared, shared_correlations, size_for


def pairs(rho, rows=20_000, seed=0):
    """Pairs [rows, N] whose members have correlation rho_i along axis i of a random mixing."""
    random = np.random.default_rng(seed)
    rho = np.asarray(rho)
    common, a, b = random.normal(size=(3, rows, len(rho)))
    spread = np.geomspace(1, 30, len(rho))
    mixing = scipy.stats.ortho_group.rvs(len(rho), random_state=random) * spread
    return [(np.sqrt(rho) * common + np.sqrt(1 - rho) * own) @ mixing + 3 for own in (a, b)]


def test_correlations_are_those_of_the_directions_whatever_their_spread():
    rho = [0.9, 0.5, 0.3, *[0.0] * 9]
    found = shared_correlations(*pairs(rho))
    # A correlation of 20,000 pairs is off by 1 / sqrt(20,000) = 0.007, the largest of nine by more.
    np.testing.assert_allclose(found, rho, atol=0.035)
    assert count_shared(found) == 3


def test_noise_lowers_correlations_as_it_should():
    z_a, z_b = pairs([0.8, 0.0, 0.0])
    covariance = np.cov(np.concatenate([z_a, z_b]), rowvar=False)
    # As much noise as there is variance, in all directions of a white representation.
    white = np.linalg.inv(np.linalg.cholesky(covariance)).T
    found = shared_correlations(z_a @ white, z_b @ white, 2 * np.eye(3))
    np.testing.assert_allclose(found[0], 0.4, atol=0.01)


def test_strangers_share_nothing_more_than_chance_says():
    for seed in range(10):
        assert count_shared(shared_correlations(*pairs([0.0] * 8, 2000, seed))) == 0


def test_dead_dimensions_are_left_out():
    z_a, z_b = pairs([0.9, 0.0, 0.0])
    dead = np.full((len(z_a), 2), 0.3)
    found = shared_correlations(np.hstack([z_a, dead]), np.hstack([z_b, dead]))
    np.testing.assert_allclose(found, shared_correlations(z_a, z_b), atol=1e-6)


def sized(noise=None, factors=(1, 5), size=40, **kwargs):
    """Sizes of factors that are shared along some directions each, others along none."""
    members, shared, first = [], [], 0
    for block, directions in enumerate(factors, start=1):
        rho = np.zeros(size)
        rho[first : first + directions] = 0.9
        first += directions
        random = np.random.default_rng(block)
        common, a, b = random.normal(size=(3, 5000, size))
        members.append([np.sqrt(rho) * common + np.sqrt(1 - rho) * own for own in (a, b)])
        shared += [block] * 5000
    z_a, z_b = (np.concatenate(z) for z in zip(*members, strict=True))
    names = [f"f{block}" for block in range(len(factors))]
    return estimate_factor_sizes(
        z_a, z_b, np.array(shared), names, method="directions", noise=noise, **kwargs
    ).sizes


def test_sizes_follow_the_number_of_directions():
    assert sized() == (40 - 4 - 10, 4, 10)
    assert [size_for(count) for count in (1, 2, 7, 9)] == [4, 5, 13, 16]


def test_sizes_leave_a_third_to_the_residual():
    # 4 + 10 of at most 9: in proportion, rounded down.
    assert sized(size=14) == (14 - 2 - 6, 2, 6)


def test_what_noise_hides_needs_no_room():
    noise = np.full(40, 1e-3)
    noise[1:6] = 1e6  # on the directions of the second factor
    assert sized(noise) == (40 - 4 - 2, 4, 2)


@pytest.mark.parametrize(
    ("noise", "message"),
    [
        (np.full(40, 100.0), "0 directions above its noise, too few for 2 factors"),
        (np.ones(3), r"noise is .*; give \[40\] variances"),
        (np.full(40, -1.0), r"give \[40\] variances"),
    ],
)
def test_noise_that_leaves_too_little_is_refused(noise, message):
    with pytest.raises(InputError, match=message):
        sized(noise)
