import numpy as np
import pytest
from scipy import ndimage
from sklearn.datasets import load_digits

from iin_tf.data.sources.bundled_digits import colored_digits


@pytest.fixture(scope="module")
def train():
    return colored_digits("train", views=2)


@pytest.fixture(scope="module")
def test():
    return colored_digits("test", views=3)


def test_held_out_handwriting_is_never_trained_on(train, test):
    assert len(np.unique(train.source)) == 1437
    assert len(np.unique(test.source)) == 360
    assert not set(train.source) & set(test.source)
    assert len(train) == 2 * 1437
    assert len(test) == 3 * 360


def test_the_split_is_stratified_and_does_not_depend_on_the_seed(test):
    np.testing.assert_array_equal(test.source, colored_digits("test", views=3, seed=9).source)
    assert np.ptp(np.bincount(test.labels["digit"][:360])) <= 2


def test_labels_belong_to_the_handwriting(train, test):
    target = load_digits().target
    for examples in (train, test):
        np.testing.assert_array_equal(examples.labels["digit"], target[examples.source])
        assert examples.labels["digit"].dtype == np.int64
        assert examples.labels["color"].dtype == np.float32
        assert examples.x.dtype == np.uint8
        assert examples.x.shape[1:] == (32, 32, 3)


def test_the_brightest_pixel_has_the_colour_of_the_label(train, test):
    for examples in (train, test):
        brightest = examples.x.max((1, 2)) / 255.0
        # Rounding to grey levels.
        np.testing.assert_allclose(brightest, examples.labels["color"], atol=0.51 / 255)


def test_test_views_of_one_handwriting_differ_in_colour_only(test):
    first, second = test.x[:360], test.x[360:720]
    np.testing.assert_array_equal(test.source[:360], test.source[360:720])
    color = [test.labels["color"][:360], test.labels["color"][360:720]]
    grey = [
        x.astype(float).sum(-1) / 255 / c.sum(-1)[:, None, None]
        for x, c in zip((first, second), color, strict=True)
    ]
    clear = np.minimum(color[0].sum(-1), color[1].sum(-1)) > 0.5
    # Three channels, each rounded to half a grey level, over a colour sum above 0.5, twice.
    np.testing.assert_allclose(grey[0][clear], grey[1][clear], atol=2 * 1.5 / 255 / 0.5)


def test_training_views_of_one_handwriting_are_augmented(train):
    first, second = (train.x[r : r + 1437].astype(float).sum(-1) for r in (0, 1437))
    first, second = (x / x.max((1, 2), keepdims=True) for x in (first, second))
    assert np.abs(first - second).max((1, 2)).min() > 0.05


def test_the_upscaled_digit_is_the_bundled_one(test):
    bundled = load_digits().images[test.source[:360]] / 16.0
    grey = test.x[:360].astype(float).sum(-1)
    grey /= grey.max((1, 2), keepdims=True)
    # Scaling the frame of 26 back to 8 resembles the original but for the smoothing of both ways.
    coarse = [ndimage.zoom(x[3:29, 3:29], 8 / 26, order=1) for x in grey]
    correlation = [
        np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(coarse, bundled, strict=True)
    ]
    assert min(correlation) > 0.9


def test_a_seed_fixes_everything(test):
    again = colored_digits("test", views=3)
    np.testing.assert_array_equal(again.x, test.x)
    other = colored_digits("test", views=3, seed=1)
    assert not np.array_equal(other.labels["color"], test.labels["color"])


def test_published_coloring_paints_the_background():
    examples = colored_digits("test", views=1, coloring="published")
    corner = examples.x[:, 0, 0] / 255.0
    # A stroke may reach the corner's pixel a little; most do not.
    off = np.abs(corner - (1 - examples.labels["color"]) / 2).max(-1)
    assert np.median(off) < 0.51 / 255


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="split is 'validation'"):
        colored_digits("validation")
    with pytest.raises(ValueError, match="views is 0"):
        colored_digits("test", views=0)
    with pytest.raises(ValueError, match="images_per_color is 361"):
        colored_digits("test", views=1, images_per_color=361)
    with pytest.raises(ValueError, match="coloring is 'oil'"):
        colored_digits("test", views=1, coloring="oil")
