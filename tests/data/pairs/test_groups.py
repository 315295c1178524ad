"""Batches of groups: what is drawn, how large groups are, what is known, and what is refused."""

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.data import GroupSampler

ROWS = 600


@pytest.fixture(scope="module")
def labels():
    """Three classes and 120 colours, some of both unknown; colours are vectors."""
    random = np.random.default_rng(0)
    digit, colour = random.integers(3, size=ROWS), random.integers(120, size=ROWS)
    digit[:20] = -1
    color = random.normal(size=(120, 3))[colour]
    color[20:40] = np.nan
    return {"digit": digit, "color": color}


def make(labels, **settings):
    return GroupSampler(labels, ["digit", "color"], **settings)


@pytest.mark.parametrize("members", [2, 3, 8])
def test_groups_share_a_label_and_are_no_larger_than_asked(labels, members):
    index, codes = make(labels, members=members).draw(128, step=0)
    assert index.shape == (128,)
    assert codes.shape == (128, 2)
    for name, column in zip(("digit", "color"), codes.T, strict=True):
        for code in np.unique(column[column >= 0]):
            rows = index[column == code]
            assert 1 <= len(rows) <= members
            assert len(np.unique(labels[name][rows], axis=0)) == 1
            assert len(np.unique(rows)) == len(rows)
    # What is unknown stays so.
    assert (codes[index < 20, 0] == -1).all()
    assert (codes[(index >= 20) & (index < 40), 1] == -1).all()


def test_every_factor_has_partners_though_its_values_are_many(labels):
    sampler, partners = make(labels, members=4), []
    for step in range(50):
        _, codes = sampler.draw(64, step)
        for column in codes.T:
            _, counts = np.unique(column[column >= 0], return_counts=True)
            partners.append(counts[counts > 1].sum())
    # Half of the batch, at least, is drawn for colours, of which few have fewer than 3 examples.
    digits, colours = np.reshape(partners, (50, 2)).mean(axis=0)
    assert digits > 55
    assert colours > 28


def test_a_batch_is_a_function_of_seed_and_step(labels):
    one, other = (make(labels, seed=3) for _ in "ab")
    for step in (5, 0):
        for a, b in zip(one.draw(64, step), other.draw(64, step), strict=True):
            np.testing.assert_array_equal(a, b)
    assert not np.array_equal(one.draw(64, 1)[0], one.draw(64, 2)[0])
    assert not np.array_equal(one.draw(64, 1)[0], make(labels, seed=4).draw(64, 1)[0])


def test_two_views_of_one_original_share_no_group(labels):
    source = np.arange(ROWS) // 3
    sampler = make(labels, source=source)
    for step in range(20):
        index, codes = sampler.draw(128, step)
        for column in codes.T:
            for code in np.unique(column[column >= 0]):
                of_group = source[index[column == code]]
                assert len(np.unique(of_group)) == len(of_group)


def test_examples_or_values_are_drawn_equally_often():
    # 300 of one class, 100 of the other, in groups of four.
    labels = {"class": np.repeat([0, 1], [300, 100])}
    for balanced, share in ((False, 0.25), (True, 0.5)):
        sampler = GroupSampler(labels, ["class"], balanced=balanced)
        rows = np.concatenate([sampler.draw(64, step)[0] for step in range(100)])
        # 1,600 groups: four standard errors of a share are 0.05.
        assert abs(np.mean(rows >= 300) - share) < 0.05


def test_weights_say_how_much_of_a_batch_a_factor_gets():
    # The two factors are known of different examples.
    labels = {"a": np.repeat([0, 1, -1], 100), "b": np.repeat([-1, -1, 5], 100)}
    index, _ = GroupSampler(labels, ["a", "b"], weights={"a": 3.0}).draw(100, 0)
    assert np.sum(index < 200) == 75


def test_without_rows_there_is_nothing(labels):
    index, codes = make(labels).draw(0, 0)
    assert index.shape == (0,)
    assert codes.shape == (0, 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"members": 1}, "members is 1"),
        ({"weights": {"shape": 1}}, "weights names 'shape'"),
        ({"source": np.zeros(ROWS, int)}, "no pair shares 'digit'"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_does_not_fit_is_named(labels, change, message):
    with pytest.raises(InputError, match=message):
        make(labels, **change)


def test_values_that_never_repeat_are_named():
    with pytest.raises(InputError, match="no pair shares 'id'"):
        GroupSampler({"id": np.arange(10)}, ["id"])
