"""Sprites: the labels are what the pictures show."""

import numpy as np
import pytest

from iin_tf.data.sources.rendered_sprites import (
    POSITIONS,
    SCALES,
    render_sprites,
    sprite_views,
    sprites,
)
from iin_tf.data.sources.sprite_shapes import POLYGONS, SHAPES, signed_distance

SIZE = 32


def labels_of(**given):
    """Labels of white upright sprites in the middle, but for what is given."""
    values = {"shape": 0, "scale": SCALES[1], "orientation": 0.0, "x": 0.0, "y": 0.0, **given}
    values = dict(
        zip(values, np.broadcast_arrays(*map(np.atleast_1d, values.values())), strict=True)
    )
    return {"color": np.ones((len(values["x"]), 3)), **values}


def coverage_of(labels, size=SIZE):
    """Share of each pixel that is covered, from the rendered white sprites."""
    return render_sprites(labels, size)[..., 0] / 255


@pytest.fixture(scope="module")
def examples():
    return sprites(2000, seed=1)


def test_labels_have_their_types_and_ranges(examples):
    labels = examples.labels
    assert list(labels) == ["shape", "scale", "orientation", "x", "y", "color"]
    assert labels["shape"].dtype == np.int64
    assert set(labels["shape"]) == set(range(len(SHAPES)))
    for name, low, high in [
        ("scale", *SCALES),
        ("orientation", 0.0, 2 * np.pi),
        ("x", *POSITIONS),
        ("y", *POSITIONS),
    ]:
        values = labels[name]
        assert values.dtype == np.float64
        # The whole range is used: 2,000 draws leave less than 1 % free at either end.
        slack = (high - low) / 100
        assert low <= values.min() < low + slack
        assert high - slack < values.max() < high
    assert labels["color"].dtype == np.float32
    assert labels["color"].min() >= 0.3
    np.testing.assert_array_equal(examples.source, np.arange(2000))


def test_factors_are_independent(examples):
    labels = examples.labels
    angle = labels["orientation"]
    columns = [labels["shape"] == k for k in range(len(SHAPES) - 1)]
    columns += [labels["scale"], np.cos(angle), np.sin(angle), labels["x"], labels["y"]]
    correlation = np.corrcoef(np.array([*columns, *labels["color"].T], dtype=np.float64))
    # The dummies of one factor exclude each other.
    correlation[:3, :3] = 0
    off = correlation[~np.eye(len(correlation), dtype=bool)]
    # Five standard errors, 1 / sqrt(2000) each.
    assert np.abs(off).max() < 5 / np.sqrt(2000)


def test_a_seed_fixes_everything_and_the_size_changes_no_label():
    first, again, other = sprites(20, seed=3), sprites(20, seed=3), sprites(20, seed=4)
    large = sprites(20, seed=3, size=48)
    np.testing.assert_array_equal(first.x, again.x)
    assert large.x.shape == (20, 48, 48, 3)
    for name, values in first.labels.items():
        np.testing.assert_array_equal(values, again.labels[name])
        np.testing.assert_array_equal(values, large.labels[name])
        assert not np.array_equal(values, other.labels[name])


def test_the_brightest_pixel_has_exactly_the_colour(examples):
    brightest = examples.x.max(axis=(1, 2)) / np.float32(255)
    np.testing.assert_array_equal(brightest, examples.labels["color"])


@pytest.mark.parametrize("size", [32, 45])
def test_sprites_stay_inside_the_frame(size):
    shape, scale, orientation, x, y = (
        axis.ravel()
        for axis in np.meshgrid(
            range(len(SHAPES)), SCALES, np.arange(0, 6.28, 0.35), POSITIONS, POSITIONS
        )
    )
    images = coverage_of(
        labels_of(shape=shape, scale=scale, orientation=orientation, x=x, y=y), size
    )
    edges = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
    assert max(edge.max() for edge in edges) == 0


def test_the_centre_of_area_is_at_x_to_the_right_and_y_upwards(examples):
    images = coverage_of({**examples.labels, "color": np.ones((2000, 3))})
    pixels = (np.arange(SIZE) + 0.5) * 2 / SIZE - 1
    area = images.sum(axis=(1, 2))
    right = (images.sum(axis=1) @ pixels) / area
    up = -(images.sum(axis=2) @ pixels) / area
    # A fifth of a pixel: blurred corners are a little off the polygon's.
    np.testing.assert_allclose(right, examples.labels["x"], atol=0.2 * 2 / SIZE)
    np.testing.assert_allclose(up, examples.labels["y"], atol=0.2 * 2 / SIZE)


@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_the_area_grows_with_the_square_of_the_scale(shape):
    scale = np.linspace(*SCALES, 6)
    images = coverage_of(labels_of(shape=shape, scale=scale, orientation=0.3), size=96)
    (ax, ay), (bx, by) = POLYGONS[shape].T, np.roll(POLYGONS[shape], -1, axis=0).T
    expected = abs((ax * by - ay * bx).sum()) / 2 * scale**2
    # At 96 pixels the blurred corners are worth less than 1 % of the area.
    np.testing.assert_allclose(images.mean(axis=(1, 2)) * 4, expected, rtol=0.01)


@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_a_quarter_turn_is_counter_clockwise(shape):
    turned = coverage_of(labels_of(shape=shape, orientation=0.4 + np.pi / 2))[0]
    # One grey level of rounding.
    np.testing.assert_allclose(
        turned, np.rot90(coverage_of(labels_of(shape=shape, orientation=0.4))[0]), atol=1.01 / 255
    )


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_no_shape_has_a_rotational_symmetry(shape, scale):
    angles = np.arange(72) * (2 * np.pi / 72)
    images = coverage_of(labels_of(shape=shape, scale=scale, orientation=angles))
    changed = np.abs(images - images[0]).sum(axis=(1, 2)) / images[0].sum()
    # From 45 degrees on at least a fifth of the sprite's area differs; nearer, less by necessity.
    assert changed[9:-8].min() > 0.2
    assert changed[1] > 0


def test_distance_to_a_rectangle_and_to_a_notch():
    x, y = np.random.default_rng(0).uniform(-3, 3, (2, 500))
    rectangle = np.array([(-2.0, -1.0), (2.0, -1.0), (2.0, 1.0), (-2.0, 1.0)])
    dx, dy = np.abs(x) - 2, np.abs(y) - 1
    expected = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0)
    # float64, a dozen roundings.
    np.testing.assert_allclose(signed_distance(x, y, rectangle), expected, atol=1e-12)
    ell = np.array([(0.0, 0.0), (4.0, 0.0), (4.0, 1.0), (1.0, 1.0), (1.0, 3.0), (0.0, 3.0)])
    inner = signed_distance(np.array([0.5, 2.0, 0.5]), np.array([2.0, 2.0, 0.5]), ell)
    np.testing.assert_allclose(inner, [-0.5, 1.0, -0.5], atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 0}, "count is 0"),
        ({"count": 2.5}, "count is 2.5"),
        ({"count": 1, "seed": -1}, "seed is -1"),
        ({"count": 1, "size": 16}, "size is 16"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        sprites(**arguments)


def test_an_unknown_shape_is_named():
    with pytest.raises(ValueError, match=r"labels\['shape'\] reaches from 4 to 4; give 0 to 3"):
        render_sprites(labels_of(shape=4))


def test_views_differ_in_one_factor_only():
    images = sprite_views(50, views=3, changes="orientation", seed=2)
    assert images.source.tolist() == np.repeat(range(50), 3).tolist()
    for name, values in images.labels.items():
        first = np.repeat(values[::3], 3, axis=0)
        assert (name == "orientation") == (len(np.unique(values, axis=0)) == 150)
        assert (name == "orientation") != np.array_equal(values, first)
    np.testing.assert_array_equal(images.x, render_sprites(images.labels))


def test_views_of_an_unknown_factor_are_refused():
    with pytest.raises(ValueError, match="changes is 'angle'; give one of"):
        sprite_views(5, views=2, changes="angle")
    with pytest.raises(ValueError, match="views is 1"):
        sprite_views(5, views=1, changes="orientation")
