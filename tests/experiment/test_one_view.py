from types import SimpleNamespace

import numpy as np
import pytest

from iin_tf.experiment.one_view import one_view_each


def views(turn):
    """Ten originals, one after the other, four times."""
    labels = {"turn": turn, "same": np.zeros(40, int)}
    return SimpleNamespace(source=np.tile(np.arange(10), 4), labels=labels)


def test_of_views_the_first_is_taken():
    # A factor that does not vary at all hides nothing.
    np.testing.assert_array_equal(
        one_view_each(views(np.arange(40) % 3), ["turn", "same"]), np.arange(10)
    )


@pytest.mark.parametrize("value", [str, float])
def test_views_in_the_order_of_a_factor_do_not_hide_it(value):
    examples = views(np.array([value(number) for number in np.repeat(np.arange(4), 10)]))
    rows = one_view_each(examples, ["turn"])
    np.testing.assert_array_equal(examples.source[rows], np.arange(10))
    assert len(np.unique(examples.labels["turn"][rows])) == 4
    np.testing.assert_array_equal(one_view_each(examples, ["turn"]), rows)


def test_other_labels_and_unknown_ones_hide_nothing_or_all():
    examples = views(np.repeat(np.arange(4), 10))
    # What is no factor may be hidden.
    np.testing.assert_array_equal(one_view_each(examples, ["same"]), np.arange(10))
    # First views without a label hide those with one.
    for missing in (-1, np.nan):
        turn = np.repeat(np.array([missing, 1, 1, 1]), 10)
        assert (turn[one_view_each(views(turn), ["turn"])] == 1).any()
