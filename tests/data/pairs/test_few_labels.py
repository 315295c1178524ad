import numpy as np
import pytest

from iin_tf.data import PairSampler, few_labels

VIEWS, IMAGES = 4, 60
SOURCE = 100 + np.repeat(np.arange(IMAGES), VIEWS)
RANDOM = np.random.default_rng(0)
LABELS = {
    "digit": np.repeat(np.arange(IMAGES) % 5, VIEWS),
    "color": RANDOM.integers(3, size=(len(SOURCE), 3)) / 2,
    "name": np.repeat([f"image {i}" for i in range(IMAGES)], VIEWS),
}


def known_sources(labels):
    return np.unique(SOURCE[labels["digit"] >= 0])


@pytest.mark.parametrize("images", [1, 3, 12])
def test_so_many_images_of_each_class_keep_all_their_labels(images):
    found = few_labels(LABELS, "digit", originals=images, source=SOURCE, seed=1)
    known = np.isin(SOURCE, known_sources(found))
    assert np.bincount(found["digit"][known]).tolist() == [images * VIEWS] * 5
    for name, values in LABELS.items():
        np.testing.assert_array_equal(found[name][known], values[known])
    assert np.all(found["digit"][~known] == -1)
    assert np.isnan(found["color"][~known]).all()
    assert np.all(found["name"][~known] == "")


def test_few_are_among_many_and_depend_on_the_seed():
    few, many, other = (
        known_sources(few_labels(LABELS, "digit", originals=images, source=SOURCE, seed=seed))
        for images, seed in ((3, 1), (7, 1), (3, 2))
    )
    assert set(few) < set(many)
    assert set(few) != set(other)


def test_other_factors_can_stay_known():
    found = few_labels(LABELS, "digit", originals=3, source=SOURCE, factors=["digit"])
    assert len(known_sources(found)) == 15
    np.testing.assert_array_equal(found["color"], LABELS["color"])


def test_pairs_are_drawn_among_labelled_images_alone():
    found = few_labels(LABELS, "digit", originals=3, source=SOURCE)
    a, b, _ = PairSampler(found, ["digit", "color"], source=SOURCE).draw(1000, step=0)
    assert set(SOURCE[a]) | set(SOURCE[b]) == set(known_sources(found))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"by": "age"}, "age"),
        ({"factors": ["age"]}, "age"),
        ({"originals": 0}, "of at least 1"),
        ({"originals": 13}, "has 12"),
        ({"by": "color"}, "differ in it"),
        ({"labels": {**LABELS, "flag": LABELS["digit"] > 2}}, "flag"),
    ],
)
def test_wrong_input_is_named(changes, message):
    arguments = {"labels": LABELS, "by": "digit", "originals": 3, "source": SOURCE, **changes}
    with pytest.raises(ValueError, match=message):
        few_labels(**arguments)
