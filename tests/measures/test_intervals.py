"""Intervals: half-samples have the spread of the full sample, and cover."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from iin_tf.measures import Protocol, disentanglement
from iin_tf.measures.estimators import importances_of, make_estimator
from iin_tf.statistics.intervals import centred_interval, half_samples, student_interval


def test_half_samples_of_a_mean_have_its_standard_error():
    values = np.random.default_rng(0).normal(size=400)
    means = [values[rows].mean() for rows in half_samples(400, 4_000, np.random.default_rng(1))]
    # A standard deviation from 4,000 draws is known to about 1.1 %; four of them.
    assert np.std(means) == pytest.approx(values.std(ddof=1) / 20, rel=0.045)


def test_centred_interval_contains_a_biased_estimate():
    replicates = 5 + np.random.default_rng(0).normal(size=200)
    low, high = centred_interval(0.3, replicates, 0.95, (0, 1))
    assert low == 0
    assert high == 1
    low, high = centred_interval(0.3, 5 + 0.01 * replicates, 0.95)
    assert low < 0.3 < high
    assert high - low == pytest.approx(2 * 1.96 * 0.01, rel=0.2)


def test_student_interval_is_the_textbook_one():
    low, high = student_interval(1.0, [0.0, 2.0], 0.95)
    # t with 1 degree of freedom at 0.975 is 12.706; the standard deviation is sqrt(2).
    assert high - 1 == pytest.approx(12.706 * np.sqrt(2), rel=1e-4)
    assert 1 - low == pytest.approx(high - 1)


@pytest.mark.parametrize("interval", [centred_interval, student_interval])
def test_no_bound_passes_the_value(interval):
    replicates = [0.1, 0.15, 0.2]
    low, high = interval(-0.0057, replicates, 0.95, (0, 1))
    assert low == -0.0057
    assert high > 0
    low, high = interval(1.0057, replicates, 0.95, (0, 1))
    assert low < 1
    assert high == 1.0057


def test_robustness_of_two_valued_codes_lies_in_its_interval():
    rng = np.random.default_rng(0)
    for seed in range(10):
        codes, factors = rng.integers(0, 2, (2, 60, 1))
        protocol = Protocol(bins=10, refits=4, resamples=20)
        measure = disentanglement(codes, factors, "irs", seed=seed, protocol=protocol)["irs"]
        low, high = measure.interval
        assert low <= measure.value <= high


def test_the_interval_of_a_plug_in_estimate_covers_its_expectation():
    """A plain bootstrap of MIG lies above the estimate; half-samples cover what it estimates."""

    def mig(seed):
        rng = np.random.default_rng(seed)
        factors = rng.integers(0, 4, (400, 2))
        codes = factors + rng.normal(size=factors.shape)
        protocol = Protocol(bins=10, resamples=60)
        return disentanglement(codes, factors, "mig", seed=seed, protocol=protocol)["mig"]

    runs = [mig(seed) for seed in range(60)]
    expected = np.mean([run.value for run in runs])
    covered = sum(run.interval[0] <= expected <= run.interval[1] for run in runs)
    # 95 % of 60 is 57; fewer than 51 would be three standard deviations below.
    assert covered >= 51


def test_half_samples_tell_the_bias_of_plug_in_information():
    rng = np.random.default_rng(0)
    factors, codes = rng.integers(0, 5, (500, 1)), rng.normal(size=(500, 4))
    protocol = Protocol(bins=10, resamples=60)
    parts = disentanglement(codes, factors, "mig", protocol=protocol)["mig"].parts
    # Independent: all of the information is bias, (bins - 1)(values - 1) / 2n = 0.036 at full
    # occupancy; the outer bins of a normal code are nearly empty, so it is less.
    assert parts["information"].mean() == pytest.approx(parts["information_bias"].mean(), rel=0.5)


@pytest.mark.parametrize("continuous", [False, True])
def test_total_gain_of_histogram_trees_is_that_of_the_code_that_matters(continuous):
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(500, 4))
    target = codes[:, 2] if continuous else (codes[:, 2] > 0).astype(int)
    # Busy waiting makes two threads far slower on shared cores.
    with threadpool_limits(limits=1):
        model = make_estimator("hist_gradient_boosting", continuous, 0).fit(codes, target)
    assert isinstance(model, HistGradientBoostingClassifier | HistGradientBoostingRegressor)
    found = importances_of(model, 4)
    assert found.sum() == pytest.approx(1)
    assert found.argmax() == 2
    assert found[2] > 0.8
    stump = HistGradientBoostingRegressor(max_iter=1, max_depth=1).fit(codes, codes[:, 1])
    np.testing.assert_array_equal(importances_of(stump, 4), [0, 1, 0, 0])
