"""Intervals: half-samples have the spread of the full sample, and cover."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from iin_tf.measures import Protocol, disentanglement
from iin_tf.measures.estimators import importances_of, make_estimator


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
    assert isinstance(model[-1], HistGradientBoostingClassifier | HistGradientBoostingRegressor)
    found = importances_of(model, 4)
    assert found.sum() == pytest.approx(1)
    assert found.argmax() == 2
    assert found[2] > 0.8
    stump = make_pipeline(HistGradientBoostingRegressor(max_iter=1, max_depth=1))
    found = importances_of(stump.fit(codes, codes[:, 1]), 4)
    np.testing.assert_array_equal(found, [0, 1, 0, 0])


def test_extrapolation_takes_the_bias_from_a_plug_in_measure():
    """Total correlation of two normal codes with correlation 0.6: -log(1 - 0.36) / 2 nats."""
    truth = -0.5 * np.log(1 - 0.36)
    plain, without = [], []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        first, noise = rng.normal(size=(2, 40))
        # Eight more codes that depend on nothing only add bias: 45 pairs of 1 / 2n each.
        codes = np.stack([first, 0.6 * first + 0.8 * noise, *rng.normal(size=(8, 40))], axis=1)
        settings = {"seed": seed, "protocol": Protocol(resamples=40, bins=4)}
        factors = np.arange(40)[:, None] % 2
        result = disentanglement(codes, factors, "gaussian", **settings)
        found = result["gaussian/total_correlation"]
        plain.append(found.value)
        without.append(found.parts["extrapolated"])
        assert "population" in found.protocol["covers"]
    # To first order 45 / 80 = 0.56 nats; extrapolation leaves what is of second order.
    assert np.mean(plain) - truth > 0.5
    assert abs(np.mean(without) - truth) < 0.5 * (np.mean(plain) - truth)


def test_information_of_independent_codes_extrapolates_to_about_none():
    rng = np.random.default_rng(0)
    factors, codes = rng.integers(0, 5, (500, 1)), rng.normal(size=(500, 1))
    protocol = Protocol(resamples=100, bins=10)
    found = disentanglement(codes, factors, "mig", protocol=protocol)["mig"]
    # One code only: MIG is its share of information, all of it bias.
    assert abs(found.parts["extrapolated"]) < 0.5 * found.value
