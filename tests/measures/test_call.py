"""The one call: input, seeds, results, and failures of older code that must not come back."""

import json

import numpy as np
import pytest

from iin_tf.measures import FAMILIES, Protocol, disentanglement
from iin_tf.measures.inputs import check_factors
from iin_tf.measures.train_rows import complete_train

QUICK = Protocol(
    train=200, test=100, resamples=20, refits=2, bins=8, estimator="hist_gradient_boosting"
)
CODE_FAMILIES = [name for name, family in FAMILIES.items() if family.codes]


def made(rows=300, factors=2):
    rng = np.random.default_rng(0)
    values = rng.integers(0, 3, (rows, factors))
    return np.hstack([values + 0.3 * rng.normal(size=values.shape), rng.normal(size=(rows, 1))]), (
        values
    )


def test_every_measure_has_value_interval_and_protocol():
    codes, factors = made()
    result = disentanglement(codes, factors, "all", protocol=QUICK)
    for name, measure in result.items():
        assert np.isfinite(measure.value), name
        assert measure.protocol["source"]
        assert measure.protocol["libraries"]["scikit-learn"]
        assert measure.protocol["interval"]
        if measure.interval is None:
            assert name == "dci_es/size"
        else:
            low, high = measure.interval
            assert low <= measure.value <= high, name
    json.dumps(result.as_dict(), allow_nan=False)
    assert result.metrics()["disentanglement/mig/low"] == result["mig"].interval[0]
    assert result.markdown().strip().count("\n") == len(result) + 1


def test_a_measure_does_not_depend_on_which_others_are_asked_for():
    codes, factors = made()
    names = ["dci", "sap", "mcc", "mig"]
    together = disentanglement(codes, factors, names, seed=4, protocol=QUICK)
    alone = disentanglement(codes, factors, "dci", seed=4, protocol=QUICK)
    assert alone["dci/completeness"].value == together["dci/completeness"].value
    assert alone["dci/completeness"].interval == together["dci/completeness"].interval


@pytest.mark.parametrize("estimator", ["gradient_boosting", "hist_gradient_boosting"])
def test_trees_are_seeded(estimator):
    codes, factors = made(90)
    codes = np.hstack([codes, codes])
    protocol = Protocol(resamples=20, refits=0, estimator=estimator)
    first, second, other = (
        disentanglement(codes, factors, "dci", seed=seed, protocol=protocol) for seed in (1, 1, 2)
    )
    tables = [r["dci/completeness"].parts["importance"] for r in (first, second, other)]
    np.testing.assert_array_equal(tables[0], tables[1])
    assert np.any(tables[0] != tables[2])


def test_one_factor_only_is_defined_for_every_measure():
    codes, factors = made(factors=1)
    result = disentanglement(codes, factors, "all", protocol=QUICK)
    assert all(np.isfinite(measure.value) for measure in result.values())
    assert result["dci/disentanglement"].value == 1
    assert not {"downstream/unseen", "unfairness/mean"} & set(result)


@pytest.mark.parametrize("name", CODE_FAMILIES)
def test_dead_codes_give_finite_values(name):
    _, factors = made()
    result = disentanglement(np.zeros((300, 3)), factors, name, protocol=QUICK)
    assert all(np.isfinite(measure.value) for measure in result.values())


def test_codes_that_depend_on_each_other_have_infinite_total_correlation():
    codes, factors = made()
    result = disentanglement(np.hstack([codes, codes]), factors, "gaussian", protocol=QUICK)
    measure = result["gaussian/total_correlation"]
    assert measure.value == np.inf
    assert measure.interval is None
    assert measure.as_dict()["value"] is None


def test_a_class_absent_from_the_test_part():
    codes, factors = made()
    # Two rows of a fourth value: at least one of them is a train row.
    factors[:2, 0] = 3
    for seed in range(3):
        names = ["explicitness", "sap", "infomec"] + ["dci"] * (seed == 0)
        result = disentanglement(codes, factors, names, seed=seed, protocol=QUICK)
        assert all(np.isfinite(measure.value) for measure in result.values())


def test_a_continuous_factor_that_bins_leave_one_value():
    codes, factors = made()
    factors = factors.astype(float)
    factors[5, 1] = 1e6
    names = [name for name in CODE_FAMILIES if name not in ("downstream", "unfairness")]
    result = disentanglement(codes, factors, names, continuous=[1], protocol=QUICK)
    blocks = {"a": slice(0, 2), "residual": slice(2, 3)}
    by_block = disentanglement(
        codes, factors, ["mig", "leakage"], blocks, continuous=[1], protocol=QUICK
    )
    for measure in [*result.values(), *by_block.values()]:
        assert np.isfinite(measure.value), measure.name


def test_a_value_that_half_samples_miss():
    codes, factors = made()
    factors = (np.arange(300) < 2).astype(int)[:, None]
    result = disentanglement(codes, factors, ["mig", "mig_sup", "infomec"], protocol=QUICK)
    for measure in result.values():
        assert np.isfinite([measure.value, *measure.interval]).all(), measure.name


def test_every_class_is_in_the_train_part():
    factors, _, _ = check_factors(np.array([[0] * 8 + [1] * 2]).T, 10)
    train, test = complete_train(factors, np.arange(5), np.arange(5, 10), 3)
    assert set(factors[0].levels[train]) == {0, 1}
    assert not set(train) & set(test)
    assert len(test) == 3


def test_no_row_left_for_testing():
    factors, _, _ = check_factors(np.array([[0, 0, 1, 1], [0, 1, 0, 1]]).T, 4)
    with pytest.raises(ValueError, match="no test row is left"):
        complete_train(factors, np.array([0]), np.array([3]), 1)


def test_sizes_keep_the_ratio_when_there_are_few_rows():
    codes, factors = made(rows=300)
    result = disentanglement(codes, factors, "sap", protocol=Protocol(resamples=20, bins=8))
    assert result["sap"].protocol["train"] == 200
    assert result["sap"].protocol["test"] == 100


def test_nearest_neighbour_information_of_the_identity():
    factors = np.random.default_rng(0).integers(0, 5, (600, 3))
    protocol = Protocol(information="nearest_neighbours", refits=2, resamples=20)
    result = disentanglement(factors.astype(float), factors, "infomec", protocol=protocol)
    assert result["infomec/infom"].value >= 0.9
    assert result["infomec/infoc"].value >= 0.9
    assert result["infomec/infom"].protocol["estimator"] == "nearest_neighbours"


def test_downstream_on_known_codes():
    factors = np.random.default_rng(0).integers(0, 3, (900, 3))
    protocol = Protocol(train=600, test=300, resamples=20, estimator="hist_gradient_boosting")
    result = disentanglement(factors.astype(float), factors, "downstream", protocol=protocol)
    assert list(result)[:3] == ["downstream/10", "downstream/100", "downstream/600"]
    assert result["downstream/600"].value == 1
    assert result["downstream/unseen"].value == 1
    # Without the one code that tells, chance is left: 1/3, four standard deviations of 900 votes.
    assert result["downstream/without_1"].value == pytest.approx(1 / 3, abs=0.07)
    efficiency = result["downstream/100"].value / result["downstream/600"].value
    assert result["downstream/efficiency"].value == pytest.approx(efficiency)


def test_unfairness_of_independent_and_of_confounded_predictions():
    rng = np.random.default_rng(0)
    sensitive = rng.integers(0, 2, 1_500)
    target = np.where(rng.random(1_500) < 0.9, sensitive, 1 - sensitive)
    factors = np.stack([target, sensitive], axis=1)
    result = disentanglement(factors.astype(float), factors, "unfairness", protocol=QUICK)
    # Within groups 0.9 and 0.1, overall 0.5: total variation 0.4.
    assert result["unfairness/mean"].value == pytest.approx(0.4, abs=0.1)
    table = result["unfairness/mean"].parts["target_by_sensitive"]
    assert table[0, 1] > 0.3


def bad(column=0, row=3, value=np.nan):
    array = made()[0]
    array[row, column] = value
    return array


@pytest.mark.parametrize(
    ("codes", "factors", "settings", "words"),
    [
        (bad(), made()[1], {}, "row 3 is not finite"),
        (bad(value=np.inf), made()[1], {}, "not finite"),
        (made()[0][:9], made()[1], {}, "has 300 rows, codes 9"),
        (made()[0], np.ones((300, 1)), {}, "one value 1 in every row"),
        (made()[0], made()[1] + 0.5, {}, "declare it by continuous"),
        (made()[0], np.r_[[7], np.zeros(150), np.ones(149)][:, None], {}, "one example only"),
        (made()[0], made()[1], {"protocol": Protocol(bins=301)}, "bins is 301, more than the 300"),
        (made()[0], made()[1], {"measures": "migg"}, "'migg'; choose from"),
        (made()[0], made()[1], {"measures": "leakage"}, "not defined without blocks"),
        (
            made()[0],
            made()[1],
            {"measures": "tad", "blocks": {"a": slice(0, 3)}},
            "not defined by block",
        ),
        (made()[0], made()[1], {"measures": []}, "measures is empty"),
        (made()[0], made()[1], {"blocks": {"a": slice(0, 2)}}, "column 2 is in no block"),
        (made()[0], made()[1], {"seed": -1}, "seed is -1"),
        (made()[0], made()[1], {"continuous": ["age"]}, "continuous names 'age'"),
        (made()[0], made()[1], {"factor_names": ["a", "a"]}, "give 2 different names"),
        (made()[0], made()[1], {"protocol": Protocol(estimator="lasso")}, "declare them cont"),
        (
            made()[0][:9],
            made()[1][:9, :1] * 0 + np.arange(9)[:, None] % 2,
            {"protocol": QUICK},
            "least 10",
        ),
        ([["a"]], made()[1], {}, "give an array of numbers"),
        (made()[0][:, 0], made()[1], {}, "give rows of latents"),
    ],
)
def test_bad_input_is_one_clear_line(codes, factors, settings, words):
    with pytest.raises(ValueError, match=words) as error:
        disentanglement(codes, factors, **settings)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"train": 1},
        {"bins": 1},
        {"estimator": "trees"},
        {"information": "magic"},
        {"level": 1.0},
        {"refits": 1},
        {"resamples": 2.5},
    ],
)
def test_settings_that_make_no_sense(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        Protocol(**settings)
