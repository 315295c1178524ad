"""What counts as a label: missing ones are none, and large ids stay apart."""

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.measures import Protocol, disentanglement
from iin_tf.measures.inputs import check_factors

PROTOCOL = Protocol(train=200, test=100, resamples=20, refits=2, bins=8)


def made(rows=500):
    rng = np.random.default_rng(0)
    factors = rng.integers(0, 4, (rows, 2))
    return factors + 0.01 * rng.normal(size=factors.shape), factors


@pytest.mark.parametrize("measure", ["mig", "sap", "mcc", "infomec", "irs", "tad"])
@pytest.mark.parametrize("kind", ["-1", "NaN", "None", "float -1"])
def test_missing_labels_are_left_out(measure, kind):
    codes, factors = made()
    unknown = np.random.default_rng(1).random(len(codes)) < 0.4
    marked = factors.astype(object if kind == "None" else int if kind == "-1" else float)
    marked[unknown, 0] = {"-1": -1, "NaN": np.nan, "None": None, "float -1": -1.0}[kind]
    found = disentanglement(codes, marked, measure, protocol=PROTOCOL)
    expected = disentanglement(codes[~unknown], factors[~unknown], measure, protocol=PROTOCOL)
    for name, result in found.items():
        # The same rows in the same order: equal to the digit.
        assert result.value == expected[name].value
        assert result.interval == expected[name].interval
        assert result.protocol["rows"] == (~unknown).sum()
        assert result.protocol["rows_left_out"] == unknown.sum()
        assert result.protocol["unknown_labels"] == {"factor_0": unknown.sum(), "factor_1": 0}


def test_missing_labels_of_a_source_and_of_a_continuous_factor():
    codes, factors = made()
    numbers = codes[:, 0].copy()
    numbers[::5] = np.nan
    labels = {"size": numbers, "kind": factors[:, 1]}
    settings = {"source": np.arange(500) // 2, "continuous": ["size"], "protocol": PROTOCOL}
    result = disentanglement(codes, labels, "mig", **settings)["mig"]
    assert result.protocol["unknown_labels"] == {"size": 100, "kind": 0}
    assert result.protocol["rows"] == 400
    assert result.protocol["originals"] == 250


def test_negative_numbers_of_a_continuous_factor_are_numbers():
    (factor,), used, unknown = check_factors(np.arange(-3, 3)[:, None], 6, continuous=[0])
    assert used.all()
    assert unknown == {"factor_0": 0}
    np.testing.assert_array_equal(factor.numbers, np.arange(-3, 3))


def test_large_ids_stay_apart():
    codes, _ = made()
    ids = 2**60 + np.array([0, 100, 1000, 1100])
    factors = ids[np.random.default_rng(0).permutation(500) % 4][:, None]
    result = disentanglement(codes, factors, "mig", protocol=PROTOCOL)["mig"]
    # 125 rows of each of four values; the 200 rows of the estimate need not have as many of each.
    assert result.parts["factor_entropy"][0] == pytest.approx(np.log(4), abs=0.02)
    whole = disentanglement(codes, factors, "mig", protocol=Protocol(resamples=20, bins=8))["mig"]
    assert whole.parts["factor_entropy"][0] == pytest.approx(np.log(4), abs=1e-12)


def test_large_ids_correlate_as_their_differences():
    codes, factors = made()
    near = disentanglement(codes, factors, "mcc", protocol=PROTOCOL)["mcc/strong"].value
    far = disentanglement(codes, factors + 2**60, "mcc", protocol=PROTOCOL)["mcc/strong"].value
    assert far == near


def test_unsigned_ids_and_bools():
    rows = {"id": np.array([2**64 - 1, 2**64 - 2] * 3, np.uint64), "flag": [True, False] * 3}
    (first, second), used, _ = check_factors(rows, 6)
    assert used.all()
    np.testing.assert_array_equal(first.levels, [1, 0] * 3)
    np.testing.assert_array_equal(second.levels, [1, 0] * 3)


def test_a_mapping_names_its_factors_and_their_blocks():
    codes, factors = made()
    blocks = {"residual": [0], "kind": [1]}
    result = disentanglement(codes, {"kind": factors[:, 1]}, "leakage", blocks, protocol=PROTOCOL)
    assert result["leakage/residual"].parts["own"] == ["kind"]
    assert result["leakage/residual"].protocol["factors"] == ["kind"]


@pytest.mark.parametrize(
    ("factors", "settings", "words"),
    [
        (-np.ones((6, 1), int), {}, "no row has a known label"),
        (np.array([[1, -1, 1, 1, -1, 1]]).T, {}, "negative whole numbers and NaN are none"),
        ({"kind": ["a", "b"] * 3}, {}, "give numbers"),
        ({"kind": np.ones((6, 2))}, {}, "shape"),
        ({"kind": [0, 1] * 3}, {"names": ["kind"]}, "leave factor_names out"),
        ({}, {}, "no columns"),
        (np.ma.masked_less(np.arange(6)[:, None] % 3, 1), {}, "masked"),
        (np.array([[np.inf, 1, 2, 3, 4, 5]]).T, {}, "infinite in row 0"),
        (np.array([[1e19, 1e19, 2, 2, 3, 3]]).T, {}, "64 bits"),
    ],
)
def test_labels_that_cannot_be_used(factors, settings, words):
    with pytest.raises(InputError, match=words) as error:
        check_factors(factors, 6, **settings)
    assert "\n" not in str(error.value)
