"""Laws of the label pair sampler, and its distribution against an enumeration of all pairs."""

import warnings

import numpy as np
import pandas
import pytest

from iin_tf.data.pairs.by_label import PairSampler

RGB = np.array([[0.1, 0.2, 0.3], [0.9, 0.2, 0.3], [0.5, 0.5, 0.5]], dtype=np.float32)


def views(sources=60, each=5, seed=0):
    """Each source has one digit; its views take colours at random."""
    random = np.random.default_rng(seed)
    source = np.repeat(np.arange(sources), each)
    digit = np.repeat(random.integers(4, size=sources), each)
    color = RGB[random.integers(3, size=len(source))]
    return {"digit": digit, "color": color}, source


def test_members_agree_in_the_drawn_factor_and_never_stem_from_one_source():
    labels, source = views()
    sampler = PairSampler(labels, ["digit", "color"], source=source)
    a, b, shared = sampler.draw(5000, step=3)
    assert a.dtype == b.dtype == np.int64
    assert shared.dtype == bool
    assert shared.shape == (5000, 3)
    assert (shared.sum(axis=1) == 1).all()
    assert not shared[:, 0].any()
    digit, color = shared[:, 1], shared[:, 2]
    assert (labels["digit"][a[digit]] == labels["digit"][b[digit]]).all()
    assert (labels["color"][a[color]] == labels["color"][b[color]]).all()
    assert (source[a] != source[b]).all()
    # Chance coincidences in the other factor stay: near 1/4 and 1/3 in 2,500 pairs each.
    assert 0.15 < (labels["digit"][a[color]] == labels["digit"][b[color]]).mean() < 0.4
    assert 0.25 < (labels["color"][a[digit]] == labels["color"][b[digit]]).all(axis=1).mean() < 0.42


def test_pairs_are_a_pure_function_of_seed_and_step():
    labels, source = views()
    one = PairSampler(labels, ["digit", "color"], source=source, seed=5)
    two = PairSampler(labels, ["digit", "color"], source=source, seed=5)
    two.draw(64, 0)
    for left, right in zip(one.draw(64, 9), two.draw(64, 9), strict=True):
        np.testing.assert_array_equal(left, right)
    assert (one.draw(64, 9)[0] != one.draw(64, 10)[0]).any()
    other = PairSampler(labels, ["digit", "color"], source=source, seed=6)
    assert (one.draw(64, 9)[0] != other.draw(64, 9)[0]).any()


@pytest.mark.parametrize("balanced", [False, True])
def test_every_ordered_pair_has_its_probability(balanced):
    digit = np.array([0, 0, 0, 0, 1, 1, 1, 2, 0])
    source = np.array([7, 3, 7, 4, 1, 2, 2, 9, 3])
    with pytest.warns(UserWarning, match="first 2"):
        sampler = PairSampler({"digit": digit}, ["digit"], source=source, balanced=balanced)
    expected = np.zeros((9, 9))
    for a in range(9):
        partners = np.flatnonzero((digit == digit[a]) & (source != source[a]))
        if len(partners):
            group = (digit == digit[a]).sum()
            expected[a, partners] = (1 / (2 * group) if balanced else 1 / 8) / len(partners)
    assert expected.sum() == pytest.approx(1)
    count = 200_000
    a, b, _ = sampler.draw(count, 0)
    observed = np.bincount(a * 9 + b, minlength=81).reshape(9, 9) / count
    assert (observed[expected == 0] == 0).all()
    # Five standard errors of a binomial frequency.
    error = np.sqrt(expected * (1 - expected) / count)
    assert (np.abs(observed - expected) <= 5 * error).all()


def test_factors_are_drawn_equally_often_unless_weights_say_otherwise():
    # Two sources know the style, a thousand the digit: the rare factor does not starve.
    digit = np.arange(1000) % 10
    style = np.full(1000, -1)
    style[:2] = 4
    labels = {"digit": digit, "style": style}
    shared = PairSampler(labels, ["digit", "style"]).draw(101, 0)[2]
    assert abs(int(shared[:, 1].sum()) - int(shared[:, 2].sum())) == 1
    weighted = PairSampler(labels, ["digit", "style"], weights={"digit": 3}).draw(400, 0)[2]
    assert weighted.sum(axis=0).tolist() == [0, 300, 100]
    # The order within a batch is no order of factors.
    assert 0 < weighted[:100, 2].sum() < 100


@pytest.mark.parametrize(
    ("values", "known"),
    [
        (np.array([1, -1, 1, 2, 2, -1]), [0, 2, 3, 4]),
        (np.array(["x", "", "x", "y", "y", ""]), [0, 2, 3, 4]),
        (
            np.array([[0.1, 0.2], [np.nan, 1], [0.1, 0.2], [1, 1], [1, 1], [np.nan, 1]]),
            [0, 2, 3, 4],
        ),
    ],
)
def test_a_missing_label_never_makes_a_pair(values, known):
    a, b, _ = PairSampler({"y": values}, ["y"]).draw(200, 0)
    assert set(a) == set(b) == set(known)
    np.testing.assert_array_equal(values[a], values[b])


def test_pairs_that_share_several_factors():
    labels, source = views()
    labels["digit"][:20] = -1
    sampler = PairSampler(
        labels,
        ["digit", "color"],
        source=source,
        shares=["digit", ("digit", "color")],
        weights={("digit", "color"): 2},
    )
    a, b, shared = sampler.draw(300, 0)
    both = shared[:, 2]
    assert both.sum() == 200
    assert shared[:, 1].all()
    assert (labels["digit"][a] == labels["digit"][b]).all()
    assert (labels["digit"][a] >= 0).all()
    assert (labels["color"][a[both]] == labels["color"][b[both]]).all()
    assert (source[a] != source[b]).all()


def test_blocks_follow_the_order_of_the_factors():
    labels, source = views()
    a, b, shared = PairSampler(labels, ["color", "digit"], source=source).draw(200, 0)
    first = shared[:, 1]
    assert (labels["color"][a[first]] == labels["color"][b[first]]).all()


def test_an_empty_draw_has_the_right_shapes():
    labels, source = views()
    a, b, shared = PairSampler(labels, ["digit"], source=source).draw(0, 0)
    assert (a.shape, b.shape, shared.shape) == ((0,), (0,), (0, 2))


def test_colors_in_a_warning_are_short():
    color = np.repeat(np.random.default_rng(0).random((5, 3)), [2, 1, 1, 1, 1], axis=0)
    with pytest.warns(UserWarning, match=r"first \[0.0165, 0.813, 0.913\], \[[^\]]*\], \["):
        PairSampler({"color": color}, ["color"])


def test_groups_of_one_source_are_left_out_with_one_warning():
    digit = np.array([0, 0, 1, 1, 2, 3, 4])
    source = np.array([0, 1, 2, 2, 3, 4, 5])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sampler = PairSampler({"digit": digit}, ["digit"], source=source)
    assert len(caught) == 1
    assert "'digit': 4 of 5 groups are left out" in str(caught[0].message)
    assert "first 1, 2, 3" in str(caught[0].message)
    assert caught[0].filename == __file__
    assert set(sampler.draw(50, 0)[0]) == {0, 1}


def test_labels_and_sources_come_from_data_frames():
    frame = pandas.DataFrame(
        {
            "animal": ["cat", "dog", None, "cat", "dog", "cat"],
            "legs": pandas.array([4, None, 4, 4, 2, 2], "Int64"),
            "speaker": ["007", "7", "007", "07", "07", "007"],
        }
    )
    sampler = PairSampler(frame[["animal", "legs"]], ["animal", "legs"], source=frame["speaker"])
    a, b, shared = sampler.draw(400, 0)
    drawn = {
        (name, *sorted(pair))
        for name, rows in (("animal", shared[:, 1]), ("legs", shared[:, 2]))
        for pair in zip(a[rows].tolist(), b[rows].tolist(), strict=True)
    }
    # By hand: equal labels, speakers that differ.
    assert drawn == {
        ("animal", 0, 3),
        ("animal", 3, 5),
        ("animal", 1, 4),
        ("legs", 0, 3),
        ("legs", 2, 3),
        ("legs", 4, 5),
    }


def test_whole_labels_beyond_float64_stay_apart():
    labels = 2**60 + np.array([0, 1, 0, 1])
    a, b, _ = PairSampler({"y": labels}, ["y"]).draw(50, 0)
    assert (labels[a] == labels[b]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": ["a", None, "b", "c"]}, "source is unknown in row 1"),
        ({"source": [0.5, 1, 2, 3]}, "source has shape .* dtype float64"),
        ({"labels": 3}, "labels is 3; give a mapping"),
        ({"labels": {"digit": [1j, 0, 0, 0]}}, "labels of one kind"),
        ({"factors": 3}, "factors is 3; give a sequence"),
        ({"factors": [["digit"]]}, "factors holds .*; give names"),
        ({"shares": 3}, "shares is 3"),
        ({"shares": ["digit", "digit"]}, "shares holds 'digit' twice"),
        ({"balanced": 1}, "balanced is 1; give True or False"),
        ({"weights": {"digit": "much"}}, r"weights\['digit'\] is 'much'"),
        ({"factors": ["digit", "hue"]}, "'hue'"),
        ({"factors": ["digit", "digit"]}, "'digit' twice"),
        ({"factors": "digit"}, r"give a sequence, e.g. \['digit'\]"),
        ({"factors": []}, "factors is empty"),
        ({"labels": {}}, "labels is empty"),
        ({"labels": {"digit": np.zeros(0, int)}}, "no examples"),
        ({"labels": {"digit": [0, 0], "color": [1]}}, "differ in length"),
        ({"labels": {"digit": np.array([None, "a", 1])}}, "labels of one kind"),
        ({"source": [0, 1]}, r"shape \(2,\)"),
        ({"weights": {"hue": 1}}, "weights names 'hue'"),
        ({"weights": {"digit": 0}}, r"weights\['digit'\] is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 0.5}, "seed is 0.5"),
        ({"shares": [("digit", "hue")]}, "'hue'"),
        ({"source": [1, 1, 1, 1]}, "no pair shares 'digit'"),
        ({"labels": {"digit": [-1, -1, -1, -1]}}, "no pair shares 'digit'"),
    ],
)
def test_bad_input_is_named(change, message):
    arguments = {"labels": {"digit": np.array([0, 0, 1, 1])}, "factors": ["digit"]} | change
    with pytest.raises(ValueError, match=message) as caught:
        PairSampler(**arguments)
    assert "\n" not in str(caught.value)
