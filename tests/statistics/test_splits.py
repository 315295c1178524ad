"""Splits keep views of one original together."""

import numpy as np
import pytest

from iin_tf.statistics import folds, half_of_sources, split

SOURCE = np.random.default_rng(0).permutation(np.repeat(np.arange(10), 3))


def test_folds_hold_every_row_once_and_cut_no_source():
    held = [part for _, part in folds(30, 4, SOURCE)]
    np.testing.assert_array_equal(np.sort(np.concatenate(held)), np.arange(30))
    for fitted, part in folds(30, 4, SOURCE):
        assert not set(SOURCE[fitted]) & set(SOURCE[part])


def test_folds_are_as_many_as_rows_or_sources_allow():
    assert len(folds(3, 5)) == 3
    assert len(folds(30, 50, SOURCE)) == 10


def test_a_split_is_cut_at_the_end_of_a_source():
    order = np.random.default_rng(1).permutation(30)
    first, rest = split(order, 13, SOURCE)
    assert len(first) == 12
    assert not set(SOURCE[first]) & set(SOURCE[rest])
    np.testing.assert_array_equal(np.sort(np.concatenate([first, rest])), np.arange(30))


def test_a_split_of_rows_is_cut_where_it_is_asked():
    first, rest = split(np.arange(5), 2)
    assert (first.tolist(), rest.tolist()) == ([0, 1], [2, 3, 4])


def test_half_of_the_sources_with_all_of_their_rows():
    side = half_of_sources(SOURCE, np.random.default_rng(0))
    assert side.sum() == 15
    assert not set(SOURCE[side]) & set(SOURCE[~side])


@pytest.mark.parametrize("count", [2, 5])
def test_folds_without_sources_are_those_of_scikit_learn(count):
    assert [part.tolist() for _, part in folds(10, count)] == np.arange(10).reshape(
        count, -1
    ).tolist()
