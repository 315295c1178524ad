"""Rows that are views of one original: originals are split, resampled and permuted."""

import numpy as np
import pytest

from iin_tf.measures import Protocol, disentanglement
from iin_tf.measures.sample import Sample, check_factors
from iin_tf.measures.study import Study, complete_train

BLOCKS = {"residual": slice(0, 6), "digit": slice(6, 8)}
PROTOCOL = Protocol(resamples=40, refits=2, bins=8)


def views(seed=0, originals=60, views=4):
    """Codes [n, 8] whose views of one original are nearly equal and tell nothing of the digit."""
    rng = np.random.default_rng(seed)
    codes = np.repeat(rng.normal(size=(originals, 8)), views, axis=0)
    codes += 0.01 * rng.normal(size=codes.shape)
    digit = np.repeat(rng.permutation(originals) % 3, views)
    return codes, digit[:, None], np.repeat(np.arange(originals), views)


def leak(groups, seed=0, originals=60):
    codes, digit, source = views(seed, originals)
    settings = {"blocks": BLOCKS, "factor_names": ["digit"], "protocol": PROTOCOL}
    groups = source if groups else None
    return disentanglement(codes, digit, "leakage", groups=groups, **settings)["leakage/residual"]


def test_views_across_the_split_would_be_taken_for_leakage():
    # By rows, a test row's twin is in the train part: remembered originals look like a factor.
    assert leak(groups=False).value > 0.2
    assert leak(groups=True).value < 0.05


def test_the_null_keeps_views_together():
    # Nothing is told: about one p-value in ten is under 0.1; more than 5 of 20 has
    # probability 0.01.
    small = [leak(True, seed).parts["p_value"][0, 0] < 0.1 for seed in range(20)]
    assert sum(small) <= 5


def test_no_original_is_on_both_sides_of_the_split():
    codes, digit, source = views()
    study = Study(Sample(codes, check_factors(digit, 240), None, source), PROTOCOL, 0)
    train, test = study.split
    assert not set(source[train]) & set(source[test])
    assert len(train) + len(test) == 240


@pytest.mark.parametrize("seed", range(10))
def test_a_group_may_bring_several_missing_values(seed):
    # Values 3 and 4 occur in the first group only, each in some of its rows.
    source = np.repeat(np.arange(20), 6)
    digit = np.where(source == 0, 3 + np.arange(120) % 2, np.arange(120) % 3)
    codes = np.random.default_rng(seed).normal(size=(120, 3))
    study = Study(Sample(codes, check_factors(digit[:, None], 120), None, source), PROTOCOL, seed)
    train, test = study.split
    assert set(digit[train]) == set(range(5))
    assert not set(source[train]) & set(source[test])
    assert len(test) > 0
    factors = digit[:, None]
    result = disentanglement(codes, factors, "sap", groups=source, seed=seed, protocol=PROTOCOL)
    assert np.isfinite(result["sap"].value)


def test_no_group_moves_for_a_value_that_another_brought():
    # Value 1 is in groups 1 and 2, value 2 in group 1 only: group 1 brings both.
    source = np.repeat(np.arange(4), 2)
    factors = check_factors(np.array([[0, 0, 2, 1, 1, 2, 0, 0]]).T, 8)
    train, test = complete_train(factors, np.arange(2), np.arange(2, 8), 6, source)
    assert list(train) == [0, 1, 2, 3]
    assert list(test) == [4, 5, 6, 7]


def test_groups_that_all_hold_a_value_of_their_own_leave_no_test_row():
    source = np.repeat(np.arange(10), 2)
    codes = np.random.default_rng(0).normal(size=(20, 2))
    with pytest.raises(ValueError, match=r"needs all 20 rows .* no test row"):
        disentanglement(codes, source[:, None], "sap", groups=source, protocol=PROTOCOL)


def test_every_measure_takes_groups():
    codes, digit, source = views()
    rng = np.random.default_rng(1)
    factors = np.hstack([digit, rng.integers(0, 2, (240, 1))])
    protocol = Protocol(resamples=20, refits=2, bins=8, estimator="hist_gradient_boosting")
    names = ["mig", "dci", "infomec", "irs", "tad", "gaussian", "mcc"]
    result = disentanglement(codes, factors, names, groups=source, protocol=protocol)
    for measure in result.values():
        assert np.isfinite([measure.value, *measure.interval]).all(), measure.name
        assert measure.protocol["groups"] == 60


@pytest.mark.parametrize(
    ("groups", "words"),
    [(np.zeros(240, int), "1 values"), (np.arange(9), "shape"), (np.zeros(240), "float64")],
)
def test_groups_that_fit_nothing(groups, words):
    codes, digit, _ = views()
    with pytest.raises(ValueError, match=words):
        disentanglement(codes, digit, "mig", groups=groups, protocol=PROTOCOL)


def test_the_penalty_is_not_chosen_by_remembered_originals():
    # Nothing is told: a penalty that suits new originals guesses about the mean.
    assert np.mean([leak(True, seed, originals=200).value for seed in range(5)]) > -0.1
