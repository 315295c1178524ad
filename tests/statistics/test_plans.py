"""Plans give the draws that they promise, in chunks that memory can hold."""

import numpy as np
import pytest
from scipy import stats

from iin_tf.statistics import (
    Bootstrap,
    HalfSamples,
    Strata,
    TwoWay,
    interval,
    means,
    plans,
    resampled,
    subsampled,
)

SOURCE = np.repeat([7, 3, 5], [1, 2, 3])


def mean_of(values):
    return lambda weights: weights @ values / weights.sum(axis=1)


def all_of(plan):
    return np.concatenate(list(plan.chunks()))


def test_bootstrap_draws_as_many_rows_as_there_are():
    weights = all_of(Bootstrap(50, 30, seed=0))
    assert weights.shape == (30, 50)
    np.testing.assert_array_equal(weights.sum(axis=1), 50)


def test_sources_are_drawn_with_all_of_their_rows():
    weights = all_of(Bootstrap(6, 40, seed=0, source=SOURCE))
    for one in np.unique(SOURCE):
        assert np.all(np.ptp(weights[:, one == SOURCE], axis=1) == 0)
    # Three sources are drawn: the counts of one row of each sum to three.
    np.testing.assert_array_equal(weights[:, [0, 1, 3]].sum(axis=1), 3)


def test_pairs_are_weighted_by_both_of_their_members():
    first, second = np.array([0, 0, 1, 2]), np.array([1, 2, 2, 3])
    counts = all_of(Bootstrap(4, 25, seed=3))
    expected = counts[:, first] * counts[:, second]
    found = all_of(TwoWay(first, second, 25, seed=3))
    np.testing.assert_array_equal(found, expected[expected.any(axis=1)])


def test_samples_are_drawn_each_among_its_own():
    one, other = Bootstrap(9, 20, seed=1), Bootstrap(6, 20, seed=2, source=SOURCE)
    both = Strata((one, other))
    assert both.rows == 15
    np.testing.assert_array_equal(all_of(both), np.hstack([all_of(one), all_of(other)]))


def test_means_are_numpys_weighted_averages():
    random = np.random.default_rng(0)
    table, weights = random.normal(size=(8, 2, 3)), random.integers(4, size=(5, 8)).astype(float)
    expected = [np.average(table, axis=0, weights=w) for w in weights]
    np.testing.assert_allclose(means(table)(weights), expected)
    np.testing.assert_allclose(means(table[:, 0, 0])(weights), np.array(expected)[:, 0, 0])


@pytest.mark.parametrize(
    "plan",
    [
        Bootstrap(30, 17, seed=[1, 2]),
        Bootstrap(6, 17, seed=1, source=SOURCE),
        TwoWay(np.arange(20), np.arange(20)[::-1], 17, seed=1),
        Strata((Bootstrap(9, 17, seed=1), Bootstrap(6, 17, seed=2, source=SOURCE))),
    ],
)
def test_the_size_of_chunks_changes_no_draw(plan, monkeypatch):
    whole = all_of(plan)
    monkeypatch.setattr(plans, "CHUNK", 100)
    parts = list(plan.chunks())
    assert len(parts) > 1
    assert all(part.size <= 100 for part in parts)
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_million_rows_come_a_few_draws_at_a_time():
    weights = next(Bootstrap(1_000_000, 1000, seed=0).chunks())
    # 32 MB instead of 8 GB.
    assert weights.nbytes <= 32 * 2**20


def test_few_sources_of_many_rows_come_a_few_draws_at_a_time():
    source = np.arange(2_000_000) % 3
    assert next(Bootstrap(2_000_000, 50, seed=0, source=source).chunks()).nbytes <= 32 * 2**20


def test_many_pairs_of_few_examples_come_a_few_draws_at_a_time():
    first = np.arange(1_000_000) % 50
    assert next(TwoWay(first, first[::-1], 1000, seed=0).chunks()).nbytes <= 32 * 2**20


def test_a_seed_gives_the_same_draws_again_and_a_generator_is_used_up():
    plan, used_up = Bootstrap(9, 5, seed=4), Bootstrap(9, 5, seed=np.random.default_rng(4))
    np.testing.assert_array_equal(all_of(plan), all_of(plan))
    np.testing.assert_array_equal(all_of(used_up), all_of(plan))
    assert np.any(all_of(used_up) != all_of(plan))


def test_the_bootstrap_of_a_mean_is_that_of_scipy():
    values = np.random.default_rng(0).exponential(size=200)
    found = resampled(mean_of(values), Bootstrap(200, 4000, seed=1))
    low, high = interval(found[0], found[1:], "percentile")
    reference = stats.bootstrap((values,), np.mean, n_resamples=4000, method="percentile", rng=2)
    # An end is a 2.5 % quantile of 4,000 draws: its standard error is about 0.04 standard errors
    # of the mean, and there are two of them.
    tolerance = 4 * np.sqrt(2) * 0.04 * reference.standard_error
    assert low == pytest.approx(reference.confidence_interval.low, abs=tolerance)
    assert high == pytest.approx(reference.confidence_interval.high, abs=tolerance)


def test_half_samples_repeat_no_row_and_cut_no_source():
    for draw in HalfSamples(11, 20, seed=0).draws():
        assert len(np.unique(draw)) == len(draw) == 5
    source = np.repeat(np.arange(10), 3)
    for draw in HalfSamples(30, 20, seed=0, source=source).draws():
        assert len(draw) == 15
        np.testing.assert_array_equal(np.bincount(source[draw])[np.unique(source[draw])], 3)


def test_half_samples_of_a_mean_spread_as_the_full_sample():
    values = np.random.default_rng(0).normal(size=400)
    found = subsampled(lambda rows: values[rows].mean(), HalfSamples(400, 2000, seed=0))
    # The variance of a half-sample about the full one is s^2 (1/200 - 1/400) = s^2 / 400; that
    # of 2,000 draws is known to 1/sqrt(1000) = 3 %, and half of that for its root.
    assert found[1:].std() == pytest.approx(values.std(ddof=1) / 20, rel=0.06)


def test_images_that_decide_their_pairs_widen_the_interval():
    # 20 images, each of which is right or wrong with all of its 100 donors: the effective
    # number of observations is near 20, not 2,000, so the standard error is near
    # sqrt(0.25 / 20) = 0.11; treating pairs as independent would give 0.011.
    right = np.arange(20) % 2
    first = np.repeat(np.arange(20), 100)
    second = 20 + np.tile(np.arange(100), 20)
    found = resampled(mean_of(right[first]), TwoWay(first, second, 1000, seed=0))
    low, high = interval(found[0], found[1:], "percentile")
    # 1.96 standard errors on either side, within the noise of 1,000 resamples.
    assert 0.3 < high - low < 0.6


def test_pairs_whose_scores_are_all_equal_have_no_width():
    plan = TwoWay(np.array([0, 0, 1, 1]), np.array([2, 3, 2, 3]), 100, seed=0)
    found = resampled(mean_of(np.full(4, 0.5)), plan)
    assert interval(found[0], found[1:], "percentile") == (0.5, 0.5)
