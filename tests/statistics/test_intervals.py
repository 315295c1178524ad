"""Every rule gives an interval that contains its value and covers what it should."""

import numpy as np
import pytest
from scipy import stats

from iin_tf.checks import InputError
from iin_tf.statistics import (
    RULES,
    Bootstrap,
    HalfSamples,
    extrapolated,
    interval,
    resampled,
    subsampled,
)


@pytest.mark.parametrize("rule", RULES)
def test_the_interval_contains_its_value_and_stays_in_bounds_but_for_it(rule):
    replicates = np.random.default_rng(0).beta(1, 20, 200)
    for value in (0.0, 0.05, 1.0):
        low, high = interval(value, replicates, rule, 0.95, (0, 1))
        assert 0 <= low <= value <= high <= 1
    # A value past a bound, as R^2 below zero may be, is an end of its own interval.
    low, high = interval(-0.2, replicates, rule, 0.95, (0, 1))
    assert low == -0.2
    assert high >= -0.2


def test_percentiles_are_those_of_numpy():
    replicates = np.random.default_rng(0).normal(size=99)
    assert interval(0.0, replicates, "percentile", 0.9) == tuple(
        np.quantile(replicates, [0.05, 0.95])
    )


def test_the_centred_rule_moves_the_spread_to_the_value():
    # Replicates 0.1 above the value: their spread is kept, their shift is not.
    replicates = 0.6 + np.linspace(-0.01, 0.01, 101)
    low, high = interval(0.5, replicates, "centred", 0.8)
    assert (low, high) == pytest.approx((0.492, 0.508))


def test_the_student_rule_is_that_of_scipy():
    replicates = np.array([0.2, 0.3, 0.25, 0.35])
    low, high = interval(0.28, replicates, "student", 0.95)
    expected = stats.t.interval(0.95, 3, loc=0.28, scale=replicates.std(ddof=1))
    assert (low, high) == pytest.approx(expected)


@pytest.mark.parametrize("rule", RULES)
def test_an_array_of_values_is_taken_one_by_one(rule):
    replicates = np.random.default_rng(0).normal(size=(50, 2, 3))
    values = replicates.mean(axis=0)
    low, high = interval(values, replicates, rule, 0.9)
    assert low.shape == high.shape == (2, 3)
    assert (low[1, 2], high[1, 2]) == interval(values[1, 2], replicates[:, 1, 2], rule, 0.9)


@pytest.mark.parametrize(
    ("rule", "level", "replicates", "words"),
    [
        ("basic", 0.95, [1, 2], "rule is 'basic'"),
        ("centred", 1, [1, 2], "level is 1"),
        ("student", 0.95, [1], "number of replicates is 1"),
    ],
)
def test_bad_input_is_one_clear_line(rule, level, replicates, words):
    with pytest.raises(InputError, match=words) as error:
        interval(0.0, replicates, rule, level)
    assert "\n" not in str(error.value)


def test_the_bootstrap_covers_a_mean():
    random, covered = np.random.default_rng(0), 0
    for seed in range(200):
        values = random.exponential(size=60)
        found = resampled(lambda w, v=values: w @ v / w.sum(axis=1), Bootstrap(60, 200, seed))
        low, high = interval(found[0], found[1:], "percentile")
        covered += low <= 1 <= high
    # Known to cover some 93 % here (n = 60, skewed); 200 trials have a standard deviation of 1.7 %.
    assert 0.87 <= covered / 200 <= 0.99


def test_extrapolation_removes_a_bias_of_order_one_over_n():
    # The plug-in variance is low by sigma^2 / n exactly; half-samples are low by twice that.
    values = np.random.default_rng(0).normal(size=20)
    found = subsampled(lambda rows: values[rows].var(), HalfSamples(20, 20_000, seed=0))
    # Over all half-samples the result is the unbiased variance but for a factor of
    # 2 - (10-1)/10 * 20/19 = 1.0526 = 20/19; the mean of 20,000 is known to about 0.3 %.
    assert extrapolated(found) == pytest.approx(values.var(ddof=1), rel=0.01)
    assert np.isnan(extrapolated(found[:1]))
