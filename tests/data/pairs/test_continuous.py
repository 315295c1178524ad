"""Pairs of similar values: their correlations, their distances, their sources."""

import numpy as np
import pytest
from scipy import stats

from iin_tf.data.pairs.audit import audit_pairs
from iin_tf.data.pairs.continuous import ContinuousPairs
from iin_tf.data.pairs.label_kernel import SquaredExponential


@pytest.fixture
def labels():
    random = np.random.default_rng(0)
    return {
        "angle": random.uniform(0, 360, size=3000),
        "age": random.integers(0, 80, size=3000),
        "color": random.random((3000, 3)).astype(np.float32),
    }


KERNELS = {
    "angle": SquaredExponential(15, period=360),
    "age": SquaredExponential(4.0),
    "color": SquaredExponential(0.15),
}


def test_the_correlation_is_the_kernels_for_the_pair_drawn(labels):
    factors = ["age", "color", "angle"]
    sampler = ContinuousPairs(labels, factors, kernels=KERNELS, cap=0.9)
    labels = labels | {"age": labels["age"].astype(float)}
    a, b, shared = sampler.draw(3000, step=2)
    assert a.dtype == b.dtype == np.int64
    assert shared.dtype == np.float32
    assert shared.shape == (3000, 4)
    assert ((shared > 0).sum(axis=1) <= 1).all()
    assert shared.max() <= 0.9
    # 1,000 pairs of each factor; those so far apart that float32 rounds to zero are rare.
    for block, name in enumerate(factors, start=1):
        rows = shared[:, block] > 0
        assert 990 <= rows.sum() <= 1000
        expected = 0.9 * KERNELS[name].correlation(labels[name][a[rows]], labels[name][b[rows]])
        np.testing.assert_allclose(shared[rows, block], expected, rtol=1e-5)
    assert (shared[:, 0] == 0).all()


def test_distances_are_about_a_length_scale_whatever_the_channels(labels):
    sampler = ContinuousPairs(
        labels,
        ["angle", "color"],
        kernels={name: KERNELS[name] for name in ("angle", "color")},
    )
    a, b, shared = sampler.draw(4000, 0)
    angle = shared[:, 1] > 0
    turn = np.abs((labels["angle"][a] - labels["angle"][b] + 180) % 360 - 180)[angle]
    # Targets lie at |N(0, l^2)|; 3,000 angles answer within about 0.1 degrees of them.
    assert stats.kstest(turn / 15, stats.halfnorm.cdf).statistic < 0.05
    distance = np.linalg.norm((labels["color"][a] - labels["color"][b])[~angle], axis=1)
    # In three channels the nearest example is further from its target, and walls reflect.
    assert 0.5 < np.median(distance) / (0.15 * stats.halfnorm.median()) < 1.5


def test_views_of_one_source_never_meet_although_they_are_nearest():
    random = np.random.default_rng(1)
    source = np.repeat(np.arange(50), 20)
    slant = np.repeat(random.normal(size=50), 20)
    sampler = ContinuousPairs(
        {"slant": slant}, ["slant"], kernels={"slant": SquaredExponential(0.1)}, source=source
    )
    a, b, _ = sampler.draw(5000, 0)
    assert (source[a] != source[b]).all()
    # All views of the partner's source are drawn, not one representative.
    assert len(np.unique(b)) > 900
    two = np.repeat([0, 1], 500)
    pair = ContinuousPairs(
        {"slant": slant}, ["slant"], kernels={"slant": SquaredExponential(0.1)}, source=two
    )
    a, b, _ = pair.draw(1000, 0)
    assert (two[a] != two[b]).all()


def test_equal_values_are_all_drawn():
    age = np.random.default_rng(2).integers(0, 3, size=900).astype(float)
    sampler = ContinuousPairs({"age": age}, ["age"], kernels={"age": SquaredExponential(0.3)})
    a, b, _ = sampler.draw(20000, 0)
    counts = np.bincount(b, minlength=900)
    assert (counts > 0).all()
    # A poisson count around 22 with partners fixed in advance: far from one favourite.
    assert counts.max() < 80
    assert (a != b).all()


def test_a_missing_label_never_makes_a_pair(labels):
    angle, age = labels["angle"].copy(), labels["age"].copy()
    angle[::2] = np.nan
    age[1::2] = -1
    color = labels["color"].copy()
    color[:2000, 1] = np.nan
    sampler = ContinuousPairs(
        {"angle": angle, "age": age, "color": color}, ["angle", "age", "color"], kernels=KERNELS
    )
    a, b, shared = sampler.draw(3000, 0)
    assert np.isfinite(shared).all()
    index = np.concatenate([a, b])
    drawn = np.tile(np.argmax(shared > 0, axis=1), 2)
    assert (index[drawn == 1] % 2 == 1).all()
    assert (index[drawn == 2] % 2 == 0).all()
    assert (index[drawn == 3] >= 2000).all()


def test_pairs_are_a_pure_function_of_seed_and_step(labels):
    kernels = {"angle": KERNELS["angle"]}
    one, two = (ContinuousPairs(labels, ["angle"], kernels=kernels, seed=4) for _ in range(2))
    for left, right in zip(one.draw(32, 7), two.draw(32, 7), strict=True):
        np.testing.assert_array_equal(left, right)
    assert (one.draw(32, 7)[0] != one.draw(32, 8)[0]).any()


def test_weights_and_factors_that_are_not_drawn(labels):
    kernels = {name: KERNELS[name] for name in ("angle", "age")}
    sampler = ContinuousPairs(
        labels, ["color", "angle", "age"], kernels=kernels, weights={"angle": 3}
    )
    shared = sampler.draw(400, 0)[2]
    assert (shared[:, 1] == 0).all()
    assert sampler.blocks.tolist() == [False, False, True, True]
    assert 295 <= (shared[:, 2] > 0).sum() <= 300
    assert 95 <= (shared[:, 3] > 0).sum() <= 100


def test_the_audit_measures_angles_on_the_circle(labels):
    sampler = ContinuousPairs(labels, ["angle", "age"], kernels={"angle": KERNELS["angle"]})
    report = audit_pairs(sampler, count=4000)
    entry = report["factors"]["angle"]
    # The mean cosine of N(0, l^2) turns is exp(-l^2 / 2) = 0.966 for 15 degrees.
    assert entry["own"]["correlation"] == pytest.approx(0.966, abs=0.01)
    # E exp(-x^2 / 2) over a standard normal x is 1 / sqrt(2).
    assert entry["correlation"] == pytest.approx(0.99 / np.sqrt(2), abs=0.02)
    assert report["same_source"] == 0
    assert report["warnings"] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": {"y": np.array(["low", "high"])}}, r"labels\['y'\] is str\d+, first .*numbers"),
        ({"labels": {"y": np.array([True, False])}}, "needs numbers"),
        ({"labels": {"y": np.array([1.0, np.inf])}}, "infinite in row 1"),
        ({"labels": {"y": np.array([1.0, np.nan])}}, "'y', because its 1 labelled"),
        ({"labels": {"y": np.array([np.nan, np.nan])}}, "'y', because its 0 labelled"),
        ({"source": np.array([3, 3])}, "do not stem from two sources"),
        ({"kernels": {}}, "kernels is empty"),
        ({"kernels": {"x": SquaredExponential(1)}}, "kernels names 'x'"),
        ({"labels": {"y": np.array([2**53 + 2, 5])}}, "leaves out whole numbers"),
        ({"kernels": {"y": 3.0}}, r"kernels\['y'\] is 3.0; give a SquaredExponential"),
        ({"cap": 1.0}, "cap is 1.0"),
        ({"cap": 1 - 1e-9}, "cap is 0.999999999"),
        ({"partners": 0}, "partners is 0"),
    ],
)
def test_bad_input_is_named(change, message):
    arguments = {
        "labels": {"y": np.array([1.0, 2.0])},
        "factors": ["y"],
        "kernels": {"y": SquaredExponential(1.0)},
    } | change
    with pytest.raises(ValueError, match=message) as caught:
        ContinuousPairs(**arguments)
    assert "\n" not in str(caught.value)
