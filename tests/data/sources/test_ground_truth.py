"""Samplers of observations for given factor values."""

import numpy as np
import pytest

from iin_tf.data.sources.ground_truth import TableGroundTruth, labelled_images
from iin_tf.data.sources.rendered_sprites import POSITIONS, SCALES, render_sprites
from iin_tf.data.sources.sprites_ground_truth import SpritesGroundTruth
from iin_tf.measures.interventions import interventions
from iin_tf.measures.protocol import Protocol


@pytest.fixture(scope="module")
def small_sprites():
    return SpritesGroundTruth(scales=3, orientations=6, positions=4, colors=5)


@pytest.fixture
def table():
    """Two images for each combination, shuffled; the pixels hold size, hue and which of the two."""
    size, hue, copy = (axis.ravel() for axis in np.meshgrid([10, 30, 20], [7, 5], [0, 1]))
    order = np.random.default_rng(0).permutation(12)
    images = np.stack([size, hue, copy], axis=-1).astype(np.uint8)[order, None, None]
    return TableGroundTruth(images, {"size": size[order] / 4, "hue": hue[order]})


def test_sprites_name_their_factors(small_sprites):
    assert small_sprites.factor_names == ("shape", "scale", "orientation", "x", "y", "color")
    assert small_sprites.factor_sizes == (4, 3, 6, 4, 4, 5)
    values = small_sprites.factor_values
    np.testing.assert_array_equal(values["scale"][[0, -1]], SCALES)
    np.testing.assert_array_equal(values["y"][[0, -1]], POSITIONS)
    # The step is the same across the end of the circle: no value twice.
    turns = np.diff(values["orientation"], append=2 * np.pi)
    np.testing.assert_allclose(turns, np.pi / 3, rtol=1e-12)
    assert values["color"].shape == (5, 3)
    assert values["color"].min() >= 0.3
    assert len(np.unique(values["color"], axis=0)) == 5
    assert "orientation: 6" in repr(small_sprites)


def test_factors_are_uniform_and_seeded(small_sprites):
    factors = small_sprites.sample_factors(6000, np.random.default_rng(0))
    again = small_sprites.sample_factors(6000, np.random.default_rng(0))
    np.testing.assert_array_equal(factors, again)
    assert factors.dtype == np.int64
    for column, size in zip(factors.T, small_sprites.factor_sizes, strict=True):
        counts = np.bincount(column, minlength=size)
        # Five standard deviations of a binomial count.
        spread = 5 * np.sqrt(6000 * (1 / size) * (1 - 1 / size))
        assert np.abs(counts - 6000 / size).max() < spread
        assert len(counts) == size


def test_sprites_are_rendered_from_the_values(small_sprites):
    rng = np.random.default_rng(1)
    factors = small_sprites.sample_factors(30, rng)
    images = small_sprites.observe(factors, rng)
    values = small_sprites.factor_values
    labels = {name: values[name][factors[:, k]] for k, name in enumerate(values)}
    np.testing.assert_array_equal(images, render_sprites(labels))
    np.testing.assert_array_equal(images, small_sprites.observe(factors, rng))
    brightest = images.max(axis=(1, 2)) / np.float32(255)
    np.testing.assert_array_equal(brightest, labels["color"])


def test_every_factor_can_be_seen(small_sprites):
    factors = np.ones((1, 6), dtype=np.int64)
    before = small_sprites.observe(factors, None)
    for k in range(6):
        changed = factors.copy()
        changed[0, k] = 2
        assert not np.array_equal(small_sprites.observe(changed, None), before)


def test_a_table_gives_images_of_the_asked_values(table):
    assert table.factor_names == ("size", "hue")
    assert table.factor_sizes == (3, 2)
    np.testing.assert_array_equal(table.factor_values["size"], [2.5, 5.0, 7.5])
    rng = np.random.default_rng(2)
    factors = table.sample_factors(200, rng)
    images = table.observe(factors, rng)
    assert images.shape == (200, 1, 1, 3)
    labels = table.labels(factors)
    np.testing.assert_array_equal(images[:, 0, 0, 0], labels["size"] * 4)
    np.testing.assert_array_equal(images[:, 0, 0, 1], labels["hue"])
    # What no factor tells is drawn, about evenly: five standard deviations of 200 coins.
    assert abs(images[:, 0, 0, 2].mean() - 0.5) < 5 * 0.5 / np.sqrt(200)


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        ([[0, 0, 0]], r"int \[n, 2\]"),
        ([0, 0], r"int \[n, 2\]"),
        ([[0.0, 1.0]], "dtype float64"),
        ([[0, 0], [0, 2]], "'hue' is 2 in row 1; give 0 to 1"),
        ([[-1, 0]], "'size' is -1 in row 0"),
    ],
)
def test_wrong_factors_are_named(table, factors, message):
    with pytest.raises(ValueError, match=message):
        table.observe(np.array(factors), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((4, 2, 2, 1)), {"a": [0, 0, 1, 1]}, "images is float64"),
        (np.zeros((4, 2, 2, 2), np.uint8), {"a": [0, 0, 1, 1]}, "1 or 3"),
        (np.zeros((0, 2, 2, 1), np.uint8), {"a": []}, "n >= 1"),
        (np.zeros((4, 2, 2, 1), np.uint8), {}, "labels is empty"),
        (np.zeros((4, 2, 2, 1), np.uint8), {"a": [0, 1]}, "each of the 4 images"),
        (np.zeros((4, 2, 2, 1), np.uint8), {"a": list("xyzw")}, "give an array of numbers"),
        (np.zeros((4, 2, 2, 1), np.uint8), {"a": [0, 1, 2, np.nan]}, "one finite number"),
        (np.zeros((4, 2, 2, 1), np.uint8), {"a": [0, 0, 1, 1], "b": [0, 1, 1, 1]}, "not all 4"),
        (np.zeros((2, 2, 2, 1), np.uint8), {"a": [0, 1], "b": [0, 1]}, "not all 4"),
    ],
)
def test_wrong_tables_are_named(images, labels, message):
    with pytest.raises(ValueError, match=message):
        TableGroundTruth(images, labels)


def test_labelled_images_come_with_their_labels(small_sprites):
    drawn = labelled_images(small_sprites, 40, seed=5)
    np.testing.assert_array_equal(drawn.x, render_sprites(drawn.labels))
    np.testing.assert_array_equal(drawn.x, labelled_images(small_sprites, 40, seed=5).x)
    assert not np.array_equal(drawn.x, labelled_images(small_sprites, 40, seed=6).x)


def test_equal_values_are_one_source_and_grey_gets_three_channels():
    images = np.arange(6, dtype=np.uint8).reshape(6, 1, 1, 1)
    drawn = labelled_images(TableGroundTruth(images, {"a": np.arange(6)}), 50)
    assert drawn.x.shape == (50, 1, 1, 3)
    np.testing.assert_array_equal(drawn.x[:, 0, 0, 2], drawn.labels["a"])
    np.testing.assert_array_equal(drawn.source, drawn.labels["a"])


@pytest.mark.parametrize("name", ["scales", "orientations", "positions", "colors"])
def test_a_factor_needs_two_values(name):
    with pytest.raises(ValueError, match=f"{name} is 1"):
        SpritesGroundTruth(**{name: 1})


def test_wrong_sizes_and_counts_are_named(table):
    with pytest.raises(ValueError, match="size is 8"):
        SpritesGroundTruth(size=8)
    with pytest.raises(ValueError, match="count is 0"):
        labelled_images(table, 0)
    with pytest.raises(ValueError, match="seed is -2"):
        labelled_images(table, 1, seed=-2)


def test_measures_that_intervene_take_it(table):
    # The pixels are the factors and a coin: a perfect representation once the coin is dropped.
    result = interventions(
        table,
        lambda images: images[:, 0, 0, :2].astype(np.float64),
        protocol=Protocol(train=100, test=100, batch=16, resamples=20),
    )
    assert result["beta_vae"].value == 1
    assert result["factor_vae"].value == 1
