"""Measures by block: rotations inside blocks change nothing, mixing across blocks does."""

import types

import numpy as np
import pytest
from scipy.stats import ortho_group

from iin_tf.measures import FAMILIES, Protocol, disentanglement
from iin_tf.measures.blocks import own_blocks, resolve_blocks

BLOCKS = {"residual": slice(0, 3), "digit": slice(3, 7), "color": slice(7, 10)}
PROTOCOL = Protocol(train=600, test=300, resamples=40, refits=2, bins=8)
# Exact but for rounding: closed forms, and fits whose every step commutes with rotations.
CLOSED = {"sap", "explicitness", "irs", "gaussian", "mcc", "leakage"}
# In these, mixing blocks must show; the others read all codes at once.
MIXED_LOWER = {
    "mig": "mig",
    "sap": "sap",
    "dci": "dci/disentanglement",
    "modularity": "modularity",
    "infomec": "infomec/infom",
    "irs": "irs",
    "identifiability": "identifiability",
}


def made(rows=900):
    """Codes [n, 10] in which block "digit" holds a category and "color" an angle."""
    rng = np.random.default_rng(0)
    digit, color = rng.integers(0, 5, rows), rng.uniform(size=rows)
    centres = 2 * rng.normal(size=(5, 4))
    circle = np.stack([np.cos(6 * color), np.sin(6 * color), np.zeros(rows)], axis=1)
    codes = [
        rng.normal(size=(rows, 3)),
        centres[digit] + 0.7 * rng.normal(size=(rows, 4)),
        circle + 0.2 * rng.normal(size=(rows, 3)),
    ]
    return np.hstack(codes), np.stack([digit, color], axis=1)


def inside():
    rotation = np.zeros((10, 10))
    for name, where in BLOCKS.items():
        size = where.stop - where.start
        rotation[where, where] = ortho_group.rvs(size, random_state=len(name))
    return rotation


def measured(measures, rotation=None, **settings):
    codes, factors = made()
    codes = codes if rotation is None else codes @ rotation
    names = ["digit", "color"]
    settings = {"blocks": BLOCKS, "protocol": PROTOCOL, **settings}
    return disentanglement(
        codes, factors, measures, continuous=["color"], factor_names=names, **settings
    )


@pytest.mark.parametrize("name", [name for name, family in FAMILIES.items() if family.blocks])
def test_rotation_inside_blocks_and_mixing_across(name):
    plain, rotated = measured(name), measured(name, inside())
    for key, measure in plain.items():
        if name in CLOSED:
            # Solvers stop within 1e-4 of their optimum; the closed forms agree to 1e-9.
            assert rotated[key].value == pytest.approx(measure.value, abs=2e-3)
        low, high = measure.interval
        assert low - 1e-6 <= rotated[key].value <= high + 1e-6
    if name in MIXED_LOWER:
        key = MIXED_LOWER[name]
        mixed = measured(name, ortho_group.rvs(10, random_state=1))
        # Each of them falls by more than this; the margin keeps noise from passing.
        assert mixed[key].value < plain[key].value - 0.03, (mixed[key].value, plain[key].value)


def test_gaussian_scores_and_multiple_correlation_are_exact():
    names = ["gaussian", "mcc"]
    plain, rotated = measured(names), measured(names, inside())
    for key, measure in plain.items():
        # float64 with sums over 900 rows.
        assert rotated[key].value == pytest.approx(measure.value, rel=1e-8, abs=1e-10)


def test_leakage_finds_what_the_residual_tells():
    clean = measured("leakage")
    assert clean["leakage/residual"].value < 0.05
    assert clean["leakage/others"].value < 0.05
    own = clean["leakage/residual"].parts["nonlinear"][[1, 2], [0, 1]]
    assert min(own) > 0.5
    codes, factors = made()
    codes[:, 0] += factors[:, 0]
    leaking = disentanglement(
        codes,
        factors,
        "leakage",
        blocks=BLOCKS,
        continuous=["color"],
        factor_names=["digit", "color"],
        protocol=PROTOCOL,
    )
    parts = leaking["leakage/residual"].parts
    assert leaking["leakage/residual"].value > 0.1
    assert parts["nonlinear"][0, 0] > parts["null_high"][0, 0]
    # The smallest p-value of 40 permutations.
    assert parts["p_value"][0, 0] == pytest.approx(1 / 41)
    assert parts["p_value"][0, 1] > 1 / 41


def test_information_is_joint_over_the_block():
    """Two codes that tell nothing alone and everything together."""
    rng = np.random.default_rng(0)
    signs = rng.integers(0, 2, (1_500, 2)) * 2 - 1
    codes = signs + 0.2 * rng.normal(size=signs.shape)
    factors = (signs.prod(axis=1) > 0).astype(int)[:, None]
    codes = np.hstack([codes, rng.normal(size=(1_500, 2))])
    blocks = {"a": slice(0, 2), "residual": slice(2, 4)}
    result = disentanglement(codes, factors, ["mig", "dci"], blocks=blocks, protocol=PROTOCOL)
    assert result["mig"].value > 0.9
    assert result["dci/completeness"].value > 0.9
    alone = disentanglement(codes, factors, "mig", protocol=PROTOCOL)
    assert alone["mig"].value < 0.05


@pytest.mark.parametrize("name", ["a", "residual"])
def test_the_only_block_loses_all_that_it_tells(name):
    codes, factors = made()
    blocks = {name: slice(0, 10)}
    settings = {"continuous": [1], "protocol": PROTOCOL}
    result = disentanglement(codes, factors, "all", blocks, **settings)
    for measure in result.values():
        assert np.isfinite(measure.value), measure.name
    parts = result["dci/disentanglement"].parts
    np.testing.assert_array_equal(parts["without_this_block_lost"], parts["only_this_block"])
    np.testing.assert_array_equal(parts["importance"], parts["only_this_block"])
    np.testing.assert_array_equal(
        parts["importance"][0], result["dci/informativeness"].parts["scores"]
    )
    assert result["dci/completeness"].value == 1


def test_a_layout_like_object_equals_a_mapping():
    layout = types.SimpleNamespace(names=tuple(BLOCKS), slices=BLOCKS)
    resolved = resolve_blocks(layout, 10)
    assert list(resolved) == list(BLOCKS)
    np.testing.assert_array_equal(resolved["digit"], [3, 4, 5, 6])


def test_factors_belong_to_blocks_by_name_or_in_order():
    assert own_blocks(BLOCKS, ["color", "age"], True) == {"color": "color", "age": None}
    assert own_blocks(BLOCKS, ["f0", "f1"], False) == {"f0": "digit", "f1": "color"}
    assert own_blocks(BLOCKS, ["f0"], False) == {"f0": None}


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        ({"a": slice(0, 9)}, "column 9 is in no block"),
        ({"a": slice(0, 6), "b": slice(5, 10)}, "column 5 is in 2 blocks"),
        ({"a": slice(0, 12)}, "ends at column 12"),
        ({"a": [0, 1, 10]}, "outside 0 to 9"),
        ({"a": slice(0, 10), "b": slice(3, 3)}, "has no columns"),
        ({"a": [0.5]}, "slice or column indices"),
        (7, "give a FactorLayout"),
        ({}, "column 0 is in no block"),
    ],
)
def test_blocks_that_do_not_cover_the_codes(blocks, words):
    with pytest.raises(ValueError, match=words) as error:
        resolve_blocks(blocks, 10)
    assert "\n" not in str(error.value)
