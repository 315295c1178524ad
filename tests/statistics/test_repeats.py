"""Results over seeds: mean, spread and interval, against scipy and by hand."""

import numpy as np
import pytest
from scipy import stats

from iin_tf.statistics import over_runs

VALUES = [0.3, 0.5, 0.4, 0.9]


def test_the_seeds_part_is_students_interval_of_a_mean():
    found = over_runs(VALUES, [None] * 4)
    sem = stats.sem(VALUES)
    np.testing.assert_allclose(found.interval, stats.t.interval(0.95, 3, np.mean(VALUES), sem))
    assert found.mean == pytest.approx(np.mean(VALUES))
    assert found.spread == pytest.approx(np.std(VALUES, ddof=1))


def test_the_runs_own_intervals_are_added_as_independent_errors():
    own = [(value - 0.3, value + 0.1) for value in VALUES]
    alone, both = over_runs(VALUES, [None] * 4), over_runs(VALUES, own)
    half = alone.interval[1] - alone.mean
    # Pythagoras, on each side.
    assert both.mean - both.interval[0] == pytest.approx((half**2 + 0.3**2) ** 0.5)
    assert both.interval[1] - both.mean == pytest.approx((half**2 + 0.1**2) ** 0.5)
    # One without an interval: how sure it is, is not known of all.
    assert over_runs(VALUES, [None, *own[1:]]).interval == alone.interval


def test_the_interval_ends_where_no_value_can_lie_beyond():
    # Of two values Student's t has one degree of freedom: 12.7 standard errors of 0.05.
    assert over_runs([0.9, 1.0], [None] * 2).interval == pytest.approx((0.315, 1.585), abs=1e-3)
    clipped = over_runs([0.9, 1.0], [None] * 2, bounds=(0, 1)).interval
    assert clipped == (pytest.approx(0.315, abs=1e-3), 1.0)
    assert over_runs([0.0, 0.1], [None] * 2, bounds=(0, np.inf)).interval[0] == 0


def test_the_interval_covers_the_mean_of_all_seeds_as_often_as_it_says():
    random = np.random.default_rng(0)
    draws = random.normal(2, 0.5, size=(2000, 3))
    ends = np.array([over_runs(list(row), [None] * 3).interval for row in draws])
    # The standard deviation of this share is 0.005.
    assert np.mean((ends[:, 0] < 2) & (ends[:, 1] > 2)) == pytest.approx(0.95, abs=0.02)


def test_one_run_keeps_its_interval_and_counts_stay_whole():
    one = over_runs([0.5], [(0.4, 0.6)])
    assert (one.mean, one.spread, one.interval) == (0.5, None, (0.4, 0.6))
    counts = over_runs([13, 13, 13], [None] * 3)
    assert counts.mean == 13
    assert isinstance(counts.mean, int)
    assert over_runs([13, 14], [None] * 2).mean == 13.5


def test_apart_are_intervals_that_do_not_touch():
    def one(low, high):
        return over_runs([low], [(low, high)])

    assert one(0, 1).is_apart(one(1.5, 2))
    assert one(1.5, 2).is_apart(one(0, 1))
    assert not one(0, 1).is_apart(one(1, 2))
    assert not one(0, 1).is_apart(over_runs([5.0], [None]))
    assert not one(0, 1).is_apart(None)


@pytest.mark.parametrize(("values", "intervals"), [([], []), ([1.0], [])])
def test_another_number_of_intervals_is_refused(values, intervals):
    with pytest.raises(ValueError, match="give one interval or None"):
        over_runs(values, intervals)
