"""Streams of random numbers by (seed, step, purpose)."""

import numpy as np

from iin_tf.data.stateless import Stream, draw_by_weight, generator


def test_equal_triples_give_equal_numbers_and_unequal_ones_do_not():
    triples = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (2**62, 5, 0)]
    draws = [generator(*triple).random(1000) for triple in triples]
    for index, triple in enumerate(triples):
        np.testing.assert_array_equal(draws[index], generator(*triple).random(1000))
    correlation = np.corrcoef(draws) - np.eye(len(triples))
    # Five standard errors of a correlation of 1,000 independent numbers.
    assert (np.abs(correlation) < 5 / np.sqrt(1000)).all()


def test_kinds_get_their_share_up_to_one_in_every_batch():
    cumulative = np.cumsum([0.5, 0.03, 0.47])
    for step in range(50):
        kinds = draw_by_weight(generator(0, step, Stream.PAIRS), 40, cumulative)
        counts = np.bincount(kinds, minlength=3)
        assert (np.abs(counts - 40 * np.array([0.5, 0.03, 0.47])) <= 1).all()


def test_over_many_batches_the_shares_are_exact():
    cumulative = np.cumsum([0.05, 0.95])
    draws = [draw_by_weight(generator(0, s, Stream.PAIRS), 3, cumulative) for s in range(20000)]
    # Five standard errors of a frequency over 20,000 batches of at most one hit each.
    assert abs((np.stack(draws) == 0).mean() - 0.05) < 5 * np.sqrt(0.15 / 20000) / 3
