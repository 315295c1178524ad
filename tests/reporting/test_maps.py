"""Maps of blocks: the plane is that of the two largest singular values."""

import numpy as np
from matplotlib import image

from iin_tf.reporting.maps import plane, save_maps


def codes(columns, rows=60):
    return np.random.default_rng(columns).normal(size=(rows, columns)) * np.arange(1, columns + 1)


def test_the_plane_holds_the_two_largest_singular_values():
    z = codes(5)
    points = plane(z)
    centred = z - z.mean(axis=0)
    _, s, v = np.linalg.svd(centred, full_matrices=False)
    # Equal but for the signs of the axes, within float64 rounding.
    np.testing.assert_allclose(np.abs(points), np.abs(centred @ v[:2].T), atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(points, axis=0), s[:2])


def test_a_block_of_one_column_is_a_line():
    points = plane(codes(1))
    np.testing.assert_array_equal(points[:, 1], 0)
    assert np.ptp(points[:, 0]) == np.ptp(codes(1))


def shown(path, labels, **settings):
    save_maps(path, {"one": codes(3), "two": codes(1)}, labels, **settings)
    return image.imread(path)[..., :3]


def holds(picture, color):
    """Whether some pixel has this colour, within the 8 bits of a PNG."""
    return bool((np.abs(picture - np.array(color)) < 0.003).all(axis=-1).any())


def test_points_are_coloured_by_their_labels(tmp_path):
    red_or_blue = np.tile([[1.0, 0, 0], [0, 0, 1.0]], (30, 1))
    picture = shown(tmp_path / "a.png", {"color": red_or_blue})
    assert holds(picture, [1, 0, 0])
    assert holds(picture, [0, 0, 1])
    # Of an unknown label: grey, and no class of its own.
    classes = np.where(np.arange(60) % 2, 3, -1)
    picture = shown(tmp_path / "b.png", {"class": classes})
    assert holds(picture, [0xBB / 255] * 3)
    assert holds(picture, [0x1F / 255, 0x77 / 255, 0xB4 / 255])
    assert not holds(picture, [1, 0x7F / 255, 0x0E / 255])


def test_any_labels_are_drawn(tmp_path):
    labels = {
        "angle": np.linspace(0, 360, 60),
        "pair": codes(2),
        "text": np.array(["x", "y", ""])[np.arange(60) % 3],
        "many": np.arange(60),
        "flag": np.arange(60) % 2 == 0,
    }
    picture = shown(tmp_path / "a.png", labels, periods={"angle": 360.0})
    assert picture.std() > 0
