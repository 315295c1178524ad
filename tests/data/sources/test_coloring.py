import numpy as np
import pytest

from iin_tf.data.sources.coloring import color_groups, paint


def test_each_round_shows_each_image_once_in_colours_of_several_images():
    images, views, share = 23, 5, 4
    image, color = color_groups(images, views, share, np.random.default_rng(0))
    np.testing.assert_array_equal(np.bincount(image), np.full(images, views))
    _, group, size = np.unique(color, axis=0, return_inverse=True, return_counts=True)
    assert len(size) == views * (images // share)
    assert size.min() >= share
    for g in range(len(size)):
        members = image[group == g]
        assert len(set(members)) == len(members)


def test_company_changes_from_round_to_round():
    _, color = color_groups(64, 2, 8, np.random.default_rng(0))
    _, group = np.unique(color, axis=0, return_inverse=True)
    pairs = [
        {(a, b) for a in range(64) for b in range(a) if g[a] == g[b]} for g in group.reshape(2, 64)
    ]
    # 224 pairs a round; two random partitions have 224 * 224 / 2016 = 25 in common on average.
    assert len(pairs[0] & pairs[1]) < 60


def test_colours_are_uniform_and_seeded():
    _, color = color_groups(8000, 4, 1, np.random.default_rng(3))
    # Standard error of a mean over 32,000 draws: 0.0016; of the deciles: 0.0028 at most.
    np.testing.assert_allclose(color.mean(0), 0.5, atol=0.01)
    np.testing.assert_allclose(np.quantile(color, 0.1, axis=0), 0.1, atol=0.015)
    _, again = color_groups(8000, 4, 1, np.random.default_rng(3))
    np.testing.assert_array_equal(color, again)


def test_paint_strokes_multiplies_on_black():
    strokes = np.array([[[0.0, 1.0, 0.5]]], np.float32)
    color = np.array([[1.0, 0.4, 0.0]], np.float32)
    expected = [[[[0, 0, 0], [255, 102, 0], [128, 51, 0]]]]
    np.testing.assert_array_equal(paint(strokes, color), expected)


def test_paint_published_gives_the_background_the_negative_colour():
    strokes = np.array([[[0.0, 1.0, 0.5]]], np.float32)
    color = np.array([[1.0, 0.4, 0.0]], np.float32)
    signed = (2 * strokes[..., None] - 1) * color[:, None, None]
    expected = (signed + 1) / 2 * 255
    # Half a grey level of rounding.
    np.testing.assert_allclose(paint(strokes, color, "published"), expected, atol=0.5001)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((5, 1, 6), "images_per_color is 6"),
        ((5, 1, 0), "images_per_color is 0"),
        ((5, 0, 1), "view"),
    ],
)
def test_impossible_groups_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        color_groups(*arguments, np.random.default_rng(0))


def test_unknown_coloring_is_refused():
    with pytest.raises(ValueError, match="coloring is 'oil'"):
        paint(np.zeros((1, 2, 2)), np.zeros((1, 3)), "oil")
