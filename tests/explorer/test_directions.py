import numpy as np
import pytest
from sklearn.decomposition import PCA

from iin_tf import FactorLayout, algebra
from iin_tf.checks import InputError
from iin_tf.explorer import Change, View
from iin_tf.explorer.directions import Circle, Directions

LAYOUT = FactorLayout({"digit": 2, "angle": 3}, residual=3)


@pytest.fixture(scope="module")
def codes():
    mixing = np.random.default_rng(0).normal(size=(8, 8))
    return (np.random.default_rng(1).normal(size=(200, 8)) @ mixing).astype(np.float32)


@pytest.fixture(scope="module")
def circle():
    """Of angles in degrees, noiseless, in a plane of three dimensions."""
    plane = np.array([[1.0, 0, 2], [0, 3, 0]])
    degrees = np.arange(0, 360, 7.0)
    angle = np.deg2rad(degrees)
    part = np.array([4.0, 5, 6]) + np.stack([np.cos(angle), np.sin(angle)], axis=1) @ plane
    return Circle.fit(part, degrees, 360), part, degrees


def moved(directions, codes, **change):
    view = View("a", "b", {"angle": Change(**change)}, seed=4)
    return directions.moved(codes[:1], codes[1:2], view)


def test_a_standard_deviation_along_an_axis_is_one_of_the_block(codes):
    directions = Directions(LAYOUT, codes)
    block = LAYOUT.slices["angle"]
    found = moved(directions, codes, axes=(0.0, 2.0))
    pca = PCA(3).fit(codes[:, block].astype(np.float64))
    way = pca.transform(found[:, block]) - pca.transform(codes[:1, block])
    # Float32 codes of size 10.
    np.testing.assert_allclose(way[0], [0, 2 * np.sqrt(pca.explained_variance_[1]), 0], atol=1e-5)
    rest = np.delete(np.arange(8), np.arange(8)[block])
    np.testing.assert_array_equal(found[:, rest], codes[:1, rest])


def test_the_way_to_the_donor_the_walk_and_the_erasure_are_those_of_the_algebra(codes):
    directions, start, end = Directions(LAYOUT, codes), codes[:1], codes[1:2]
    half = algebra.interpolate(LAYOUT, start, end, ["angle"], np.float32([0.5]))
    np.testing.assert_array_equal(moved(directions, codes, towards=0.5), half)
    drawn = algebra.erase(LAYOUT, start, ["angle"], "sample", 4)
    np.testing.assert_array_equal(moved(directions, codes, erase="sample"), drawn)
    walked = algebra.walk(LAYOUT, start, ["angle"], 4, seed=4)[:, -1]
    np.testing.assert_array_equal(moved(directions, codes, walk=3), walked)


def test_turning_goes_round_the_circle_and_keeps_what_lies_beside_it(circle):
    found, part, degrees = circle
    beside = np.array([2.0, 0, -1])  # at a right angle to the plane
    turned = found.turned(part + beside, 35)
    rows = np.searchsorted(degrees, degrees[:-5] + 35)
    np.testing.assert_allclose(turned[:-5], part[rows] + beside, atol=1e-9)
    np.testing.assert_allclose(found.turned(part, 360), part, atol=1e-9)


def test_a_turn_without_a_circle_and_too_many_axes_are_refused(codes):
    directions = Directions(LAYOUT, codes)
    with pytest.raises(InputError, match=r"turn of 'angle' is given, but only \[\] go round"):
        moved(directions, codes, turn=1.0)
    with pytest.raises(InputError, match="axes of 'angle' has 4 moves; give at most 3"):
        moved(directions, codes, axes=(1.0, 0, 0, 0))
