"""Layouts of blocks, and sizes estimated from pairs."""

import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from iin_tf import FactorLayout, estimate_factor_sizes

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)


def test_the_residual_comes_first():
    assert LAYOUT.names == ("residual", "digit", "color")
    assert LAYOUT.factor_names == ("digit", "color")
    assert LAYOUT.sizes == (3, 2, 1)
    assert LAYOUT.latent_size == 6
    assert LAYOUT.slices == {"residual": slice(0, 3), "digit": slice(3, 5), "color": slice(5, 6)}
    assert [LAYOUT.index(name) for name in LAYOUT.names] == [0, 1, 2]
    assert repr(LAYOUT) == "FactorLayout({'digit': 2, 'color': 1}, residual=3)"


def test_no_factors_is_a_layout():
    layout = FactorLayout({}, residual=4)
    assert layout.names == ("residual",)
    assert list(layout.split(np.ones((2, 4)))) == ["residual"]
    np.testing.assert_array_equal(layout.shared(None), [False])


@pytest.mark.parametrize("convert", [np.asarray, tf.constant], ids=["numpy", "tensorflow"])
@pytest.mark.parametrize("batch", [(), (4,), (0,), (2, 3)])
def test_merge_undoes_split(convert, batch):
    z_tilde = convert(np.random.default_rng(0).normal(size=(*batch, 6)))
    parts = LAYOUT.split(z_tilde)
    assert {name: part.shape for name, part in parts.items()} == {
        "residual": (*batch, 3),
        "digit": (*batch, 2),
        "color": (*batch, 1),
    }
    # Merged by name, whatever their order.
    merged = LAYOUT.merge(dict(reversed(parts.items())))
    assert type(merged) is type(z_tilde)
    np.testing.assert_array_equal(merged, z_tilde)


def test_shared_rows():
    for row, expected in (
        (LAYOUT.shared(), [0, 0, 0]),
        (LAYOUT.shared(None), [0, 0, 0]),
        (LAYOUT.shared("digit"), [0, 1, 0]),
        (LAYOUT.shared("residual"), [1, 0, 0]),
        (LAYOUT.shared(["color", "digit"]), [0, 1, 1]),
        (LAYOUT.shared(all_but="color"), [1, 1, 0]),
        (LAYOUT.shared(all_but=["color", "residual"]), [0, 1, 0]),
        (LAYOUT.shared(all_but=[]), [1, 1, 1]),
    ):
        assert row.dtype == bool
        np.testing.assert_array_equal(row, expected)


def test_the_config_makes_an_equal_layout():
    again = FactorLayout(**LAYOUT.get_config())
    assert again == LAYOUT
    assert hash(again) == hash(LAYOUT)
    assert again.names == LAYOUT.names
    # The order of the factors is the order of the blocks.
    assert FactorLayout({"color": 1, "digit": 2}, residual=3) != LAYOUT
    assert LAYOUT != "digit"


@pytest.mark.parametrize(
    ("factors", "residual", "message"),
    [
        ({"digit": 0}, 3, "size of 'digit' is 0; give a whole number"),
        ({"digit": -1}, 3, "size of 'digit' is -1"),
        ({"digit": 1.5}, 3, r"size of 'digit' is 1\.5"),
        ({"digit": True}, 3, "size of 'digit' is True"),
        ({"digit": "2"}, 3, "size of 'digit' is '?2"),
        ({"digit": None}, 3, "size of 'digit' is None"),
        ({"digit": float("nan")}, 3, "size of 'digit' is nan"),
        ({"digit": 2}, 0, "size of 'residual' is 0"),
        ({"residual": 2}, 3, "factor name 'residual' cannot be used"),
        ({"": 2}, 3, "factor name '' cannot be used"),
        ({"a/b": 2}, 3, "factor name 'a/b' cannot be used"),
        ({5: 2}, 3, "factor name 5 cannot be used"),
        ([("digit", 2), ("digit", 1)], 3, "factor 'digit' is given twice"),
    ],
)
def test_wrong_layouts_are_named(factors, residual, message):
    with pytest.raises(ValueError, match=message):
        FactorLayout(factors, residual)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LAYOUT.shared("shape"), r"factor 'shape' is unknown; this layout has \['residual"),
        (lambda: LAYOUT.index("shape"), "factor 'shape' is unknown"),
        (lambda: LAYOUT.mask(["digit", "digit"]), "factor 'digit' is given twice"),
        (lambda: LAYOUT.shared("digit", all_but="color"), "give one of them"),
        (lambda: LAYOUT.split(np.ones((2, 5))), r"z_tilde has shape \(2, 5\).*sum to 6"),
        (lambda: LAYOUT.check_latents(np.float32(1)), r"z has shape \(\)"),
        (lambda: LAYOUT.merge({"digit": np.ones((1, 2))}), r"parts has the blocks \['digit'\]"),
    ],
)
def test_wrong_calls_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("convert", [np.asarray, tf.constant], ids=["numpy", "tensorflow"])
def test_parts_that_do_not_fit_are_named(convert):
    parts = {name: convert(part) for name, part in LAYOUT.split(np.ones((4, 6))).items()}
    with pytest.raises(ValueError, match=r"parts\['digit'\] has 1 columns; its block has 2"):
        LAYOUT.merge({**parts, "digit": parts["digit"][:, :1]})
    with pytest.raises(ValueError, match=r"rows \(2,\), but the residual has \(4,\)"):
        LAYOUT.merge({**parts, "digit": parts["digit"][:2]})


# Sizes


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
        (lambda a, b, s: {"shared": np.ones(6, int)}, "factor 'color' has 0 pairs"),
        (lambda a, b, s: {"names": ["digit", "digit"]}, "factor 'digit' is given twice"),
        (lambda a, b, s: {"names": ["digit", "residual"]}, "'residual' cannot be used"),
        (lambda a, b, s: {"z_a": a[:, :2], "z_b": b[:, :2]}, "z has 2 columns, too few for 2"),
        (lambda a, b, s: {"z_a": 0 * a + 0.1, "z_b": 0 * b + 0.1}, "z is constant"),
        (lambda a, b, s: {"rounding": "up"}, "rounding is 'up'; give one of"),
    ],
)
def test_wrong_pairs_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        estimate_factor_sizes(**wrong(change))
