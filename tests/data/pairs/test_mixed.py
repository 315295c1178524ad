"""Several kinds of pairs in one batch."""

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.data.pairs.audit import audit_pairs
from iin_tf.data.pairs.by_label import PairSampler
from iin_tf.data.pairs.continuous import ContinuousPairs
from iin_tf.data.pairs.label_kernel import SquaredExponential
from iin_tf.data.pairs.mixed import MixedPairs
from iin_tf.data.pairs.transformations import TransformationPairs


@pytest.fixture
def parts():
    random = np.random.default_rng(0)
    labels = {"shape": np.arange(200) % 4, "angle": random.uniform(0, 360, 200)}
    kernels = {"angle": SquaredExponential(20, period=360)}
    return {
        "labels": PairSampler(labels, ["shape"]),
        "angles": ContinuousPairs(labels, ["angle"], kernels=kernels, cap=0.9),
    }


def test_a_batch_holds_all_parts_in_the_layouts_order(parts):
    mixed = MixedPairs(
        parts, ["angle", "shape"], weights={"angles": 3}, correlation={"shape": 0.95}
    )
    a, b, shared = mixed.draw(400, 3)
    assert shared.dtype == np.float32
    assert shared.shape == (400, 3)
    shape = shared[:, 2] > 0
    assert shape.sum() == 100
    np.testing.assert_array_equal(np.unique(shared[shape], axis=0), np.float32([[0, 0, 0.95]]))
    assert (a[shape] % 4 == b[shape] % 4).all()
    assert (shared[~shape, 1] > 0).sum() > 290
    assert mixed.blocks.tolist() == [False, True, True]
    report = audit_pairs(mixed, count=2000)
    assert report["factors"]["shape"]["own"]["agreement"] == 1
    assert report["factors"]["angle"]["own"]["correlation"] > 0.8
    for left, right in zip(mixed.draw(50, 1), mixed.draw(50, 1), strict=True):
        np.testing.assert_array_equal(left, right)


def test_parts_that_only_say_what_is_shared_stay_bool():
    labels = {"shape": np.arange(60) % 3, "color": np.arange(60) % 5}
    one, two = PairSampler(labels, ["shape"]), PairSampler(labels, ["color"])
    mixed = MixedPairs({"one": one, "two": two}, ["shape", "color"])
    a, b, shared = mixed.draw(100, 0)
    assert shared.dtype == bool
    assert shared.sum(axis=0).tolist() == [0, 50, 50]
    assert (a[shared[:, 2]] % 5 == b[shared[:, 2]] % 5).all()


def test_parts_with_equal_seeds_draw_independently():
    labels = {"shape": np.zeros(1000, int)}
    part = PairSampler(labels, ["shape"])
    a, _, _ = MixedPairs({"one": part, "two": part}, ["shape"]).draw(1000, 0)
    # Two parts that read the same numbers would give 500 pairs of equal members.
    assert len(np.unique(a)) > 550


def test_bad_input_is_named(parts):
    factors = ["shape", "angle"]
    for arguments, message in (
        ({"parts": {}}, "parts is empty"),
        ({"parts": {"x": 3}}, r"parts\['x'\] is 3, which lacks \['draw'"),
        ({"factors": ["shape"]}, r"parts\['angles'\] names 'angle'"),
        ({}, r"correlation lacks \['shape'\]: parts\['labels'\]"),
        ({"correlation": {"shape": 1.0}}, r"correlation\['shape'\] is 1.0"),
        ({"correlation": {"hue": 0.5}}, "correlation names 'hue'"),
        ({"weights": {"hue": 1}}, "weights names 'hue'"),
        ({"parts": {"labels": parts["labels"]}, "correlation": {"shape": 0.5}}, "omit it"),
        ({"parts": parts | {"x": PairSampler({"shape": [0, 0]}, ["shape"])}}, r"parts\['x'\]"),
    ):
        with pytest.raises(InputError, match=message):
            MixedPairs(**{"parts": parts, "factors": factors, **arguments})


def test_the_audit_of_a_mixture_knows_its_circles(parts):
    labels = parts["angles"].labels
    views = TransformationPairs(
        np.where(np.arange(200) % 2, "turn", ""),
        ["angle"],
        source=np.arange(200) // 2,
        changes={"turn": "angle"},
        labels=labels,
    )
    parts = {
        name: type(part)(labels, list(part.factors), source=np.arange(200) // 2, **more)
        for (name, part), more in zip(
            parts.items(),
            ({}, {"kernels": {"angle": SquaredExponential(20, period=360)}}),
            strict=True,
        )
    }
    correlation = {"shape": 0.9, "residual": 0.1}
    mixed = MixedPairs(parts | {"views": views}, ["shape", "angle"], correlation=correlation)
    own = audit_pairs(mixed, count=4000)["factors"]["angle"]["own"]["correlation"]
    # The oracle: the correlation of the points on the circle of the pairs that share the angle.
    a, b, shared = mixed.draw(4000, 0)
    rows = shared[:, 2] > 0
    points = np.exp(1j * np.radians(labels["angle"]))
    a, b = (points[index[rows]] - points[index[rows]].mean() for index in (a, b))
    oracle = (a * b.conj()).sum().real / np.sqrt((abs(a) ** 2).sum() * (abs(b) ** 2).sum())
    assert own == pytest.approx(oracle, abs=1e-9)
    assert own > 0.85
