"""Sizes of blocks, estimated from pairs."""

import numpy as np
import pytest
import scipy.special

from iin_tf import estimate_factor_sizes
from iin_tf.checks import InputError


def pairs(strengths, count=4000, size=16, seed=0):
    """Pairs [count * K] that share one factor each: the share `strengths` of all variance."""
    random = np.random.default_rng(seed)
    shared = np.repeat(np.arange(1, len(strengths) + 1), count)
    rho = np.asarray(strengths)[shared - 1][:, None]
    common, a, b = random.normal(size=(3, len(shared), size))
    z_a, z_b = (np.sqrt(rho) * common + np.sqrt(1 - rho) * own for own in (a, b))
    return z_a + 5, z_b + 5, shared


def test_sizes_follow_the_covariance_of_the_pairs():
    strengths = [0.9, 0.2]
    layout = estimate_factor_sizes(*pairs(strengths), names=["digit", "color"])
    assert layout.factor_names == ("digit", "color")
    exact = 16 * scipy.special.softmax([1.0, *strengths])
    # Rounding moves a size by less than 1, the estimate by less than 0.1.
    np.testing.assert_allclose(layout.sizes, exact, atol=1)
    assert layout.latent_size == 16
    assert layout.sizes == (7, 6, 3)


@pytest.mark.parametrize("rounding", ["largest_remainder", "truncation"])
@pytest.mark.parametrize("seed", range(5))
def test_sizes_sum_to_the_latents_and_are_positive(rounding, seed):
    random = np.random.default_rng(seed)
    factors = int(random.integers(1, 6))
    size = int(random.integers(factors + 1, 2 * factors + 3))
    layout = estimate_factor_sizes(
        *pairs(random.uniform(0, 1, factors), count=50, size=size, seed=seed),
        names=[str(i) for i in range(factors)],
        rounding=rounding,
    )
    assert layout.latent_size == size
    assert min(layout.sizes) >= 1


def test_truncation_leaves_the_rest_to_the_residual():
    z_a, z_b, shared = pairs([0.9, 0.2])
    # 16 softmax(1, 0.9, 0.2) = 6.9, 6.2, 3.1 but for the estimate's error.
    layout = estimate_factor_sizes(z_a, z_b, shared, ["digit", "color"], rounding="truncation")
    assert layout.sizes[0] == 16 - sum(layout.sizes[1:])
    assert layout.sizes[1:] == (6, 3)


def test_pairs_that_share_several_blocks_or_none_do_not_count():
    z_a, z_b, shared = pairs([0.9, 0.2])
    rows = shared[:, None] == np.arange(3)
    expected = estimate_factor_sizes(z_a, z_b, shared, ["digit", "color"])
    assert estimate_factor_sizes(z_a, z_b, rows, ["digit", "color"]) == expected
    # The correlations that samplers of continuous factors draw.
    numbers = rows * np.float32(0.7)
    assert estimate_factor_sizes(z_a, z_b, numbers, ["digit", "color"]) == expected
    others = np.random.default_rng(1).normal(size=(100, 16)) + 5
    both, none = np.tile([False, True, True], (100, 1)), np.zeros((100, 3), bool)
    mixed = np.concatenate([rows, both, none])
    members = [np.concatenate([z, others, others]) for z in (z_a, z_b)]
    assert estimate_factor_sizes(*members, mixed, ["digit", "color"]) == expected


def test_sizes_do_not_depend_on_scale_or_place():
    z_a, z_b, shared = pairs([0.9, 0.2])
    expected = estimate_factor_sizes(z_a, z_b, shared, ["digit", "color"])
    moved = [(1000 * z + 1e4).astype(np.float32) for z in (z_a, z_b)]
    assert estimate_factor_sizes(*moved, shared, ["digit", "color"]) == expected


def wrong(change):
    z_a, z_b, shared = pairs([0.9, 0.2], count=3)
    arguments = {"z_a": z_a, "z_b": z_b, "shared": shared, "names": ["digit", "color"]}
    return {**arguments, **change(z_a, z_b, shared)}


def with_nan(z):
    z = z.copy()
    z[2, 3] = np.nan
    return z


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a, b, s: {"z_b": b[:2]}, r"z_a has shape \(6, 16\) and z_b \(2, 16\)"),
        (lambda a, b, s: {"z_a": a[:0], "z_b": b[:0]}, "non-empty"),
        (lambda a, b, s: {"z_a": with_nan(a)}, "z_a: row 2 is not finite"),
        (lambda a, b, s: {"z_b": with_nan(b)}, "z_b: row 2 is not finite"),
        (lambda a, b, s: {"shared": s + 1}, "shared reaches from 2 to 3; give blocks -1 .. 2"),
        (lambda a, b, s: {"shared": s[:3]}, r"shared has dtype int64 and shape \(3,\)"),
        (lambda a, b, s: {"shared": s * 0.1}, "shared has dtype float64"),
        (lambda a, b, s: {"shared": np.full((6, 3), 1.5)}, r"correlations outside \[0, 1\)"),
        (lambda a, b, s: {"shared": np.full((6, 3), np.nan)}, r"correlations outside \[0, 1\)"),
        (lambda a, b, s: {"z_a": a * 1j}, "z_a is complex"),
        (lambda a, b, s: {"names": 2}, "names is 2; give a list of names"),
        (lambda a, b, s: {"shared": np.ones(6, int)}, "factor 'color' has 0 pairs"),
        (lambda a, b, s: {"names": ["digit", "digit"]}, "factor 'digit' is given twice"),
        (lambda a, b, s: {"names": ["digit", "residual"]}, "'residual' cannot be used"),
        (lambda a, b, s: {"z_a": a[:, :2], "z_b": b[:, :2]}, "z has 2 columns, too few for 2"),
        (lambda a, b, s: {"z_a": 0 * a + 0.1, "z_b": 0 * b + 0.1}, "z is constant"),
        (lambda a, b, s: {"rounding": "up"}, "rounding is 'up'; give one of"),
    ],
)
def test_wrong_pairs_are_named(change, message):
    with pytest.raises(InputError, match=message):
        estimate_factor_sizes(**wrong(change))
