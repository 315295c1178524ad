import numpy as np
import pytest
from PIL import Image

from iin_tf import FactorLayout, InterpretationNetwork
from iin_tf.models.walks import random_walk
from iin_tf.reporting import charts, figures

LAYOUT = FactorLayout({"shape": 2, "shade": 2}, residual=2)


@pytest.fixture(scope="module")
def network():
    return InterpretationNetwork(LAYOUT, blocks=2, hidden=8, depth=0, seed=0, dtype="float64")


@pytest.fixture
def z():
    return np.random.default_rng(0).normal(size=(5, 6))


def as_pictures(z):
    """Latents as 2 x 3 grey pictures: a decoder that loses nothing."""
    return z.reshape(-1, 2, 3, 1)


def test_swap_grid_holds_originals_at_its_edges_and_swaps_inside(network, z):
    tiles = figures.swap_grid(network, as_pictures, z[:2], z[2:], "shape")
    assert tiles.shape == (3, 4, 2, 3, 1)
    np.testing.assert_array_equal(tiles[1:, 0], as_pictures(z[:2]))
    np.testing.assert_array_equal(tiles[0, 1:], as_pictures(z[2:]))
    swapped = network.swap(z[1:2], z[4:5], ["shape"])
    # Compiled for another number of rows: equal within float64 rounding.
    np.testing.assert_allclose(tiles[2, 3], as_pictures(swapped.numpy())[0], atol=1e-10)


def test_a_strip_ends_at_the_swap(network, z):
    tiles = figures.interpolation_strip(network, as_pictures, z[:2], z[2:4], "shade", steps=5)
    ends = network.swap(z[:2], z[2:4], ["shade"]).numpy()
    np.testing.assert_allclose(tiles[:, 0], as_pictures(z[:2]), atol=1e-10)
    np.testing.assert_allclose(tiles[:, -1], as_pictures(ends), atol=1e-10)


def test_a_walk_moves_its_block_only_and_stays_standard_normal(network):
    starts = network.sample(500, seed=0).numpy()
    path = random_walk(network, starts, ["shape"], steps=20, correlation=0.5, seed=1)
    parts = network.factors(path[:, -1])
    before = network.factors(starts)
    # The round trip's float64 rounding.
    np.testing.assert_allclose(parts["shade"], before["shade"], atol=1e-8)
    np.testing.assert_allclose(parts["residual"], before["residual"], atol=1e-8)
    # 1,000 numbers: the deviation's standard error is 0.022, the mean's 0.032.
    assert abs(np.std(parts["shape"]) - 1) < 0.08
    assert abs(np.mean(parts["shape"])) < 0.12
    # Twenty steps at 0.5 forget the start.
    assert abs(np.corrcoef(np.ravel(parts["shape"]), np.ravel(before["shape"]))[0, 1]) < 0.12


def test_tiles_stand_where_they_belong():
    tiles = np.arange(4.0).reshape(2, 2, 1, 1, 1) / 10
    image = figures.tile_image(tiles, gap=1)
    # Grey is drawn as a colour: no other map of colours is put on it.
    for channel in range(3):
        np.testing.assert_allclose(image[..., channel], [[0, 1, 0.1], [1, 1, 1], [0.2, 1, 0.3]])


@pytest.mark.parametrize("shape", [(3, 4, 8, 8, 3), (2, 9, 5, 12, 1)])
def test_a_picture_of_tiles_tells_where_each_is(tmp_path, shape):
    levels = np.linspace(0.1, 0.9, shape[0] * shape[1]).reshape(shape[:2])
    tiles = np.broadcast_to(levels[..., None, None, None], shape)
    figures.save_tiles(tmp_path / "a.png", tiles, "a title", "recipients", "donors")
    at = figures.read_places(tmp_path / "a.png")
    assert (at["rows"], at["columns"]) == shape[:2]
    with Image.open(tmp_path / "a.png") as file:
        pixels = np.asarray(file.convert("L")) / 255
    height, width = pixels.shape
    for (row, column), level in np.ndenumerate(levels):
        left, top = at["left"] + column * at["across"], at["top"] + row * at["down"]
        # Without a pixel at each edge, where the picture's and the tile's pixels overlap.
        ys = slice(round(top * height) + 1, round((top + at["height"]) * height) - 1)
        xs = slice(round(left * width) + 1, round((left + at["width"]) * width) - 1)
        np.testing.assert_allclose(pixels[ys, xs], level, atol=1 / 255)


def test_a_picture_of_something_else_has_no_tiles(tmp_path):
    charts.save_factor_sizes(tmp_path / "sizes.png", {"one": {"a": 1, "b": 3}})
    assert figures.read_places(tmp_path / "sizes.png") is None


def test_the_losses_are_drawn_and_their_lowest_marked(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(charts, "save_figure", lambda figure, path: drawn.append(figure))
    charts.save_losses(
        "unused.png", {"training": {1: 3, 2: 2, 3: 1}, "held out": {1: 3, 2: 1.5, 3: 2}}
    )
    (axes,) = drawn[0].axes
    lines = {
        line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in axes.lines
    }
    assert lines == {
        "training": ([1, 2, 3], [3, 2, 1]),
        "held out": ([1, 2, 3], [3, 1.5, 2]),
        "lowest, epoch 2": ([2], [1.5]),
    }


def test_pictures_are_written_as_png(tmp_path, network):
    figures.save_tiles(tmp_path / "samples.png", figures.sample_tiles(network, as_pictures), "s")
    charts.save_factor_sizes(tmp_path / "sizes.png", {"one": {"a": 1, "b": 3}})
    for name in ("samples.png", "sizes.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
