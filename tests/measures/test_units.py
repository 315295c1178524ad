"""Units: a factor or code in another unit, or counted from another origin, scores the same."""

import numpy as np
import pytest

from iin_tf.measures import Protocol, disentanglement
from iin_tf.measures.sap import squared_correlation
from iin_tf.measures.scores import r_squared, standardised

BLOCKS = {"residual": slice(0, 1), "size": slice(1, 3), "time": slice(3, 5)}
NAMES = ["sap", "mcc/strong", "mcc/weak", "infomec/infoe"]
PROTOCOL = Protocol(resamples=20, refits=0, bins=8)
FIRST = np.array([1e-6, 1.0])
# Seconds since 1970: float64 keeps seven digits of their differences.
STAMP = 1.7e9


def measured(blocks=None, scale=1.0, offset=0.0, code_scale=1.0, code_offset=0.0, category=False):
    rng = np.random.default_rng(0)
    factors = rng.uniform(size=(300, 2))
    codes = factors @ rng.normal(size=(2, 5)) * [0.1, 1, 0.2, 0.1, 1]
    codes += 0.3 * rng.normal(size=codes.shape)
    factors = factors * scale + offset
    if category:
        factors[:, 0] = (factors[:, 0] - offset > 0.5) + offset
    return disentanglement(
        codes * code_scale + code_offset,
        factors,
        ["sap", "mcc", "infomec"],
        blocks,
        continuous=[1] if category else [0, 1],
        factor_names=["size", "time"],
        protocol=PROTOCOL,
    )


def check_equal(found, expected, accuracy, names=NAMES):
    for name in names:
        assert found[name].value == pytest.approx(expected[name].value, abs=accuracy), name
        assert found[name].interval == pytest.approx(expected[name].interval, abs=accuracy), name


@pytest.mark.parametrize("blocks", [None, BLOCKS])
@pytest.mark.parametrize(
    ("change", "accuracy"),
    [
        ({"scale": 1e-3, "code_scale": 1e-3}, 1e-9),
        ({"scale": 1e-6, "code_scale": 1e-6}, 1e-9),
        ({"scale": 1e-6}, 1e-9),
        ({"code_scale": 1e-6}, 1e-9),
        ({"scale": 1e6 * FIRST}, 1e-9),
        ({"scale": 1e9 * FIRST**2}, 1e-9),
        ({"code_scale": np.array([1, 1e-6, 1e-6, 1, 1])}, 1e-9),
        ({"offset": STAMP}, 1e-5),
        ({"offset": STAMP * (FIRST < 1)}, 1e-5),
        ({"code_offset": STAMP}, 1e-5),
        ({"offset": STAMP, "code_offset": STAMP}, 1e-5),
    ],
)
def test_scale_and_offset_change_nothing(blocks, change, accuracy):
    plain = measured(blocks)
    assert min(plain[name].value for name in NAMES) > 0.05
    check_equal(measured(blocks, **change), plain, accuracy)


def test_category_numbers_may_count_from_anywhere():
    names = ["mcc/strong", "mcc/weak"]
    check_equal(measured(category=True, offset=STAMP), measured(category=True), 1e-5, names)


def test_standardised_columns():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(200, 3)) * [1e-9, 1, 1e9] + [0, 1e6, 0]
    found = standardised(values)
    # The mean of 1e6 is known to 1e-10.
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(found.std(axis=0), 1, rtol=1e-12)
    np.testing.assert_allclose(standardised(values[:, 0]), found[:, 0], atol=1e-12)


@pytest.mark.parametrize("size", [1e-9, 1.0, 0.1, STAMP, 1e15])
def test_a_constant_with_rounding_noise_stays_constant(size):
    numbers = np.random.default_rng(0).normal(size=300)
    # Neighbouring float64 numbers in turn, as sums in another order leave them.
    constant = size * (1 + np.finfo(np.float64).eps * (numbers > 0))
    assert np.ptp(constant) > 0
    assert not standardised(constant).any()
    weights = np.ones((1, 300))
    assert squared_correlation(constant[:, None], numbers, weights) == 0
    assert squared_correlation(numbers[:, None], constant, weights) == 0
    assert r_squared(constant, np.zeros(300), weights) == 0


def test_targets_of_one_score_share_their_unit():
    rng = np.random.default_rng(0)
    target, error = rng.normal(size=(200, 2)) * [1, 3], rng.normal(size=(200, 2))
    expected = 1 - np.square(error).sum() / np.square(target - target.mean(axis=0)).sum()
    for scale, offset in ((1, 0), (1e-8, 0), (1e8, -1e9)):
        moved = [values * scale + offset for values in (target, target + error)]
        found = r_squared(*moved, np.ones((1, 200)))
        assert found == pytest.approx([expected], abs=1e-9)
