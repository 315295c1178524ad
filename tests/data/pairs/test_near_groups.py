"""Groups of near values in batches: what is drawn, what correlates, and what is refused."""

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.data import GroupSampler, SquaredExponential

ROWS, KERNEL = 600, SquaredExponential(20.0, period=360.0)


@pytest.fixture(scope="module")
def labels():
    random = np.random.default_rng(0)
    angle = random.uniform(0, 360, ROWS)
    angle[:30] = np.nan
    return {"shape": random.integers(3, size=ROWS), "angle": angle}


def make(labels, **settings):
    settings = {"kernels": {"angle": KERNEL}, "members": 4, **settings}
    return GroupSampler(labels, ["shape", "angle"], **settings)


def correlation(points):
    """[B, B], 0 where a label is unknown."""
    squared = np.square(points[:, None].astype(np.float64) - points).sum(axis=-1)
    return np.where(np.isnan(squared), 0, np.exp(-0.5 * squared))


def test_examples_correlate_by_the_kernel_within_groups_alone(labels):
    sampler = make(labels)
    for step in range(5):
        index, found = sampler.draw(64, step)
        assert found["shape"].dtype == np.int32
        points = found["angle"]
        assert points.dtype == np.float32
        assert points.shape == (64, 3)
        known = np.isfinite(points).all(axis=1)
        np.testing.assert_array_equal(known[index < 30], False)
        of_group = points[:, None, 2] == points[:, 2]
        assert of_group.sum(axis=1).max() <= 4
        angle = labels["angle"][index]
        expected = np.array([[KERNEL.correlation(angle[[i]], angle[[j]])[0] for j in range(64)]
                             for i in range(64)])  # fmt: skip
        expected = np.where(of_group & known & known[:, None], expected, 0)
        # Points are float32, of a few units.
        np.testing.assert_allclose(correlation(points), expected, atol=1e-5)


def test_groups_of_near_values_fill_their_part_of_a_batch(labels):
    # A fifth of random pairs correlate by more than 0.1; of drawn groups nearly all.
    near = []
    for step in range(20):
        found = make(labels, weights={"angle": 1e6}).draw(64, step)[1]["angle"]
        found = found[np.isfinite(found).all(axis=1)]
        of_group = (found[:, None, 2] == found[:, 2]) & ~np.eye(len(found), dtype=bool)
        near.append((correlation(found)[of_group] > 0.1).mean())
    assert np.mean(near) > 0.7


def test_one_group_may_be_the_whole_batch(labels):
    found = make(labels, members=1000).draw(64, 0)[1]["angle"]
    assert len(np.unique(found[np.isfinite(found).all(axis=1), 2])) <= 2


def test_a_batch_is_a_function_of_seed_and_step_and_views_share_nothing(labels):
    source = np.arange(ROWS) // 3
    one, other = (make(labels, source=source, seed=3).draw(128, 7) for _ in "ab")
    np.testing.assert_array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[1]["angle"], other[1]["angle"])
    known = np.isfinite(one[1]["angle"]).all(axis=1)
    seen = source[one[0][known]]
    assert len(np.unique(seen)) == len(seen)


@pytest.mark.parametrize(
    ("angle", "kernels", "message"),
    [
        (np.full(ROWS, np.nan), {"angle": KERNEL}, "no group shares 'angle', because its 0"),
        (np.full(ROWS, "a"), {"angle": KERNEL}, "a continuous factor needs numbers"),
        (np.ones(ROWS), {"hue": KERNEL}, r"kernels names 'hue'; give some of"),
        (np.ones(ROWS), {"angle": 20.0}, r"kernels\['angle'\] is 20.0; give a SquaredExponential"),
    ],
)
def test_what_cannot_be_drawn_is_named(labels, angle, kernels, message):
    with pytest.raises(InputError, match=message):
        make({**labels, "angle": angle}, kernels=kernels)
