"""Permutations make labels independent of codes, whatever the sizes of the sources."""

import numpy as np
import pytest
from scipy import stats

from iin_tf.statistics import Permutations, null_bound, p_value

UNEVEN = np.repeat(np.arange(20), np.arange(1, 21))


def test_without_sources_every_order_is_a_permutation():
    for order in Permutations(12, 10, seed=0).draws():
        np.testing.assert_array_equal(np.sort(order), np.arange(12))


def test_sources_of_one_size_change_places_as_they_stand():
    source = np.repeat([4, 1, 9], 2)
    for order in Permutations(6, 10, seed=0, source=source).draws():
        pairs = order.reshape(3, 2)
        np.testing.assert_array_equal(pairs[:, 1] - pairs[:, 0], 1)
        np.testing.assert_array_equal(np.sort(pairs[:, 0]), [0, 2, 4])


def test_uneven_sources_get_the_labels_of_another_one():
    kept = []
    for order in Permutations(len(UNEVEN), 200, seed=0, source=UNEVEN).draws():
        giver = UNEVEN[order]
        first = np.flatnonzero(np.diff(UNEVEN, prepend=-1))
        # One giver for all rows of a source, and every source gives to one.
        np.testing.assert_array_equal(giver, np.repeat(giver[first], np.arange(1, 21)))
        np.testing.assert_array_equal(np.sort(giver[first]), np.arange(20))
        kept.append(np.mean(giver[first] == np.arange(20)))
    # On average one of twenty stays in its place; groups of one size only would keep them all.
    assert np.mean(kept) == pytest.approx(1 / 20, abs=0.02)


def test_labels_follow_in_their_order_and_begin_again():
    source = np.array([0, 1, 1, 1])
    orders = {tuple(order) for order in Permutations(4, 50, seed=0, source=source).draws()}
    assert orders == {(0, 1, 2, 3), (1, 0, 0, 0)}


def test_rows_of_a_source_need_not_stand_together():
    source = np.array([1, 0, 1, 0])
    orders = {tuple(order) for order in Permutations(4, 50, seed=0, source=source).draws()}
    assert orders == {(0, 1, 2, 3), (1, 0, 3, 2)}


@pytest.mark.parametrize("labelled", ["sources", "rows"])
def test_p_values_of_nothing_are_uniform_with_uneven_sources(labelled):
    """Codes and labels both depend on the source, and not on each other."""
    found = []
    for seed in range(300):
        random = np.random.default_rng(seed)
        codes = random.normal(size=20)[UNEVEN] + 0.3 * random.normal(size=len(UNEVEN))
        labels = random.normal(size=20)[UNEVEN]
        if labelled == "rows":
            labels = labels + random.normal(size=len(UNEVEN))
        plan = Permutations(len(UNEVEN), 99, seed, UNEVEN)
        null = np.array([abs(np.corrcoef(codes, labels[o])[0, 1]) for o in plan.draws()])
        found.append(p_value(abs(np.corrcoef(codes, labels)[0, 1]), null))
    if labelled == "sources":
        # Exact: 300 p-values of 100 possible ones; a level of 0.1 % lets one seed in 1,000 fail.
        assert stats.kstest(found, "uniform").pvalue > 1e-3
    # At most 5 %, within three standard deviations of 300 trials.
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_a_p_value_counts_the_observed_draw():
    assert p_value(3.0, np.array([1.0, 2.0, 3.0, 4.0])) == 3 / 5
    np.testing.assert_array_equal(p_value(np.array([9, 0]), np.ones((4, 2))), [1 / 5, 1])


def test_a_bound_is_a_quantile_of_the_null():
    assert null_bound(np.arange(101.0), 0.95) == 95
