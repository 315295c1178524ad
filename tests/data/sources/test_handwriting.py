import numpy as np
import pytest
from scipy import ndimage

from iin_tf.data.sources.handwriting import Augmentation, colored_views, upscale

NOTHING = dict.fromkeys(Augmentation.__dataclass_fields__, 0.0)


def blob():
    """A smooth bump, off centre, one unit high; second moments 12 down and 5 across."""
    y, x = np.mgrid[:32, :32]
    return np.exp(-((y - 15) ** 2 / 24 + (x - 17) ** 2 / 10))


# Bilinear sampling adds up to 1/4 to a second moment, and the frame cuts off a little.
MOMENT_RTOL = 0.08


def strokes_of(handwriting, augmentation, views=40, seed=0):
    """The grey views: the brightest colour channel, divided by its colour."""
    examples = colored_views(
        handwriting[None],
        [0],
        [0],
        views=views,
        images_per_color=1,
        coloring="strokes",
        augmentation=augmentation,
        rng=np.random.default_rng(seed),
    )
    color = examples.labels["color"]
    best = color.argmax(1)
    # Dark colours leave too few grey levels to measure by.
    rows = np.flatnonzero(color.max(1) > 0.5)
    best = best[rows]
    return examples.x[rows, :, :, best] / 255.0 / color[rows, best][:, None, None]


def test_without_augmentation_a_frame_of_32_is_kept():
    views = strokes_of(blob(), None)
    # Rounding to a grey level, divided by a colour whose brightest channel is at least 0.5.
    np.testing.assert_allclose(views, np.broadcast_to(blob(), views.shape), atol=0.5 / 255 / 0.5)


def test_faint_strokes_are_brought_to_full_intensity_and_empty_ones_stay_empty():
    np.testing.assert_allclose(strokes_of(0.2 * blob(), None).max((1, 2)), 1.0, atol=0.01)
    np.testing.assert_array_equal(strokes_of(0.0 * blob(), None), 0.0)


def moments(views):
    """Centre (y, x) and second moments (yy, xy, xx) about it, each [n]."""
    y, x = np.mgrid[:32, :32]
    total = views.sum((1, 2))
    mean_y, mean_x = ((views * y).sum((1, 2)) / total, (views * x).sum((1, 2)) / total)
    dy, dx = y - mean_y[:, None, None], x - mean_x[:, None, None]
    second = [(views * a * b).sum((1, 2)) / total for a, b in ((dy, dy), (dx, dy), (dx, dx))]
    return mean_y, mean_x, *second


def test_shift_moves_the_centre_within_its_range():
    mean_y, mean_x, *_ = moments(strokes_of(blob(), Augmentation(**{**NOTHING, "shift": 2.0})))
    for mean, middle in ((mean_y, 15), (mean_x, 17)):
        # All of about 35 uniform draws miss the outer tenth of a range with chance 0.9^35 = 2 %.
        assert np.abs(mean - middle).max() < 2.05
        assert (mean - middle).max() > 1.6
        assert (mean - middle).min() < -1.6


def test_rotation_turns_the_axes_by_the_angle_in_its_range():
    views = strokes_of(blob(), Augmentation(**{**NOTHING, "rotation": 20.0}))
    _, _, yy, xy, xx = moments(views)
    # Major axis against the vertical; the blob's own is vertical.
    angle = np.rad2deg(0.5 * np.arctan2(2 * xy, yy - xx))
    assert np.abs(angle).max() < 21
    assert angle.max() > 15
    assert angle.min() < -15
    # A rotation keeps both principal moments, hence the determinant.
    np.testing.assert_allclose(yy * xx - xy**2, 60.0, rtol=MOMENT_RTOL)


def test_scale_aspect_and_shear_act_on_the_second_moments():
    _, _, yy, _, xx = moments(strokes_of(blob(), Augmentation(**{**NOTHING, "log_scale": 0.2})))
    np.testing.assert_allclose(yy / xx, 12 / 5, rtol=MOMENT_RTOL)
    zoom = np.log(yy / 12) / 2
    assert zoom.max() > 0.15
    assert zoom.min() < -0.15
    assert np.abs(zoom).max() < 0.21
    _, _, yy, _, xx = moments(strokes_of(blob(), Augmentation(**{**NOTHING, "log_aspect": 0.2})))
    np.testing.assert_allclose(yy * xx, 60, rtol=MOMENT_RTOL)
    assert np.ptp(np.log(yy / xx) / 2) > 0.3
    _, _, yy, xy, _ = moments(strokes_of(blob(), Augmentation(**{**NOTHING, "shear": 0.3})))
    shear = xy / yy
    np.testing.assert_allclose(yy, 12, rtol=MOMENT_RTOL)
    assert 0.2 < np.abs(shear).max() < 0.31


def test_weight_is_an_exponent_of_the_strokes():
    views = strokes_of(blob(), Augmentation(**{**NOTHING, "log_weight": 0.5}))
    exponent = np.log(views[:, 18, 20]) / np.log(blob()[18, 20])
    assert np.abs(np.log(exponent)).max() < 0.55
    assert np.log(exponent).max() > 0.35
    assert np.log(exponent).min() < -0.35
    # Grey levels, divided by a colour, in both pixels.
    np.testing.assert_allclose(views[:, 13, 16], blob()[13, 16] ** exponent, atol=0.015)


def test_augmentation_does_not_change_the_colours():
    def colors(augmentation):
        return colored_views(
            blob()[None],
            [0],
            [0],
            views=3,
            images_per_color=1,
            coloring="strokes",
            augmentation=augmentation,
            rng=np.random.default_rng(0),
        ).labels["color"]

    np.testing.assert_array_equal(colors(None), colors(Augmentation()))


def test_upscaling_is_centred_smooth_and_exact_where_pixels_coincide():
    image = np.zeros((1, 9, 9))
    image[0, 3:6, 3:6] = [[0.2, 0.5, 0.2], [0.5, 1.0, 0.5], [0.2, 0.5, 0.2]]
    up = upscale(image, 27, 31)
    assert up.shape == (1, 31, 31)
    # An odd zoom of 3 puts every handwriting pixel on the middle of three, two from the frame.
    np.testing.assert_allclose(up[0, 3:29:3, 3:29:3], image[0], atol=1e-6)
    np.testing.assert_allclose(up, up[:, ::-1, ::-1], atol=1e-6)
    reference = np.maximum(
        ndimage.zoom(np.pad(image[0], 4), 3, order=3, grid_mode=True, mode="grid-constant"), 0
    )
    # The two differ in their boundary conditions only, and the boundary is zero.
    np.testing.assert_allclose(up[0], reference[10:41, 10:41], atol=2e-3)


def test_upscaling_with_a_wide_margin_is_black_outside():
    up = upscale(np.ones((1, 4, 4)), 8, 40)
    np.testing.assert_allclose(up[0, :8], 0.0, atol=0.02)
    assert up.min() >= 0


def test_unknown_coloring_is_refused_before_the_work():
    with pytest.raises(ValueError, match="coloring"):
        colored_views(
            blob()[None],
            [0],
            [0],
            views=1,
            images_per_color=1,
            coloring="oil",
            augmentation=None,
            rng=np.random.default_rng(0),
        )
