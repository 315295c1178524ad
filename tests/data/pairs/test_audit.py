"""The audit sees what a sampler really pairs, and the labels that go together in the data."""

import json

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from iin_tf.checks import InputError
from iin_tf.data.pairs.audit import audit_pairs
from iin_tf.data.pairs.by_label import PairSampler


def test_independent_labels_are_found_independent():
    random = np.random.default_rng(0)
    labels = {"digit": random.integers(10, size=3000), "writer": random.integers(5, size=3000)}
    labels["slant"] = random.normal(size=3000)
    report = audit_pairs(PairSampler(labels, ["digit", "writer"], source=np.arange(3000) // 3))
    json.dumps(report, allow_nan=False)
    assert (report["pairs"], report["unshared"], report["same_source"]) == (10000, 0, 0.0)
    assert report["factors"]["digit"]["pairs"] == report["factors"]["writer"]["pairs"] == 5000
    for name, other in (("digit", "writer"), ("writer", "digit")):
        entry = report["factors"][name]
        assert entry["own"]["agreement"] == 1.0
        assert "correlation" not in entry
        # Five standard errors in 5,000 pairs, plus the chance dependence of 3,000 examples.
        assert abs(entry["others"][other]["excess"]) < 0.05
        assert abs(entry["others"]["slant"]["correlation"]) < 0.1
    assert report["warnings"] == []


def test_labels_that_go_together_are_reported():
    random = np.random.default_rng(1)
    digit = random.integers(5, size=2000)
    color = np.where(random.random(2000) < 0.8, digit, random.integers(5, size=2000))
    slant = digit + random.normal(size=2000)
    sampler = PairSampler({"digit": digit, "color": color, "slant": slant}, ["digit"])
    report = audit_pairs(sampler)
    others = report["factors"]["digit"]["others"]
    a, b, _ = sampler.draw(10000, 0)
    assert others["color"]["excess"] == pytest.approx(
        cohen_kappa_score(color[a], color[b]), abs=1e-9
    )
    assert others["slant"]["correlation"] == pytest.approx(np.corrcoef(slant[a], slant[b])[0, 1])
    assert len(report["warnings"]) == 2
    assert "'digit' also agree in 'color'" in report["warnings"][0]


def test_wrong_pairs_are_seen():
    class Wrong:
        factors = ("digit",)
        labels = {"digit": np.arange(100) % 2}  # noqa: RUF012
        source = np.arange(100) // 2

        def draw(self, count, step):
            random = np.random.default_rng(step)
            a = random.integers(100, size=count)
            b = np.where(np.arange(count) < count // 4, a ^ 1, random.integers(100, size=count))
            shared = np.zeros((count, 2), bool)
            shared[: count // 2, 1] = True
            return a, b, shared

    report = audit_pairs(Wrong(), count=20000)
    # A quarter from one source by construction, and 2 of 100 of the rest by chance.
    assert report["same_source"] == pytest.approx(0.25 + 0.75 * 0.02, abs=0.01)
    assert report["unshared"] == 10000
    # Half of the marked pairs are neighbours of other parity; of the rest half agree by chance.
    assert report["factors"]["digit"]["own"]["agreement"] == pytest.approx(0.25, abs=0.02)


def test_missing_labels_do_not_count():
    digit = np.arange(400) % 2
    writer = np.where(np.arange(400) < 200, -1, 0)
    report = audit_pairs(PairSampler({"digit": digit, "writer": writer}, ["digit"]), count=1000)
    other = report["factors"]["digit"]["others"]["writer"]
    a, b, _ = PairSampler({"digit": digit, "writer": writer}, ["digit"]).draw(1000, 0)
    assert other["pairs"] == int(((a >= 200) & (b >= 200)).sum())
    assert (other["agreement"], other["excess"]) == (1.0, 0.0)
    assert report["warnings"] == []


def test_a_label_on_a_circle_has_no_ends():
    # 359 and 1 degrees, and 360 and 0, are neighbours: as numbers they are far apart.
    angle = np.array([359.0, 1.0, 360.0, 0.0, 180.0, 181.0, 90.0, 90.5])
    pairs = np.array([[0, 1], [2, 3], [4, 5], [6, 7]])

    class Neighbours:
        factors = ("angle",)
        labels = {"angle": angle}  # noqa: RUF012
        source = np.arange(8)

        def draw(self, count, step):
            a, b = pairs[np.arange(count) % 4].T
            return a, b, np.tile([False, True], (count, 1))

    own = audit_pairs(Neighbours(), 4, periods={"angle": 360})["factors"]["angle"]["own"]
    assert own["agreement"] == 0.25
    # By hand: the points' cosines of the differences, about their means.
    a, b = (np.exp(1j * np.radians(angle[column])) for column in pairs.T)
    a, b = a - a.mean(), b - b.mean()
    expected = (a * b.conj()).sum().real / np.sqrt((abs(a) ** 2).sum() * (abs(b) ** 2).sum())
    assert own["correlation"] == pytest.approx(expected)
    assert own["correlation"] > 0.99
    numbers = audit_pairs(Neighbours(), 4)["factors"]["angle"]["own"]["correlation"]
    assert numbers < 0


def test_wrong_arguments_are_named():
    sampler = PairSampler({"digit": [1, 1]}, ["digit"])
    for changes, message in (
        ({"count": 0}, "count is 0; give a whole number from 1"),
        ({"periods": {"angle": 360}}, r"a name in periods is 'angle'; give one of \['digit'\]"),
        ({"periods": {"digit": -1}}, r"periods\['digit'\] is -1"),
    ):
        with pytest.raises(InputError, match=message):
            audit_pairs(sampler, **changes)


def test_labels_that_the_pairs_share_too_are_not_reported():
    digit, color = np.arange(600) % 2, np.arange(600) % 3
    sampler = PairSampler(
        {"digit": digit, "color": color}, ["digit", "color"], shares=[("digit", "color")]
    )
    report = audit_pairs(sampler, count=500)
    assert report["factors"]["digit"]["others"] == {}
    assert report["warnings"] == []


def test_pairs_that_are_too_few_are_reported():
    random = np.random.default_rng(0)
    for originals, warned in ((60, True), (600, False)):
        source = np.repeat(np.arange(originals), 5)
        labels = {"digit": source % 3, "color": random.integers(4, size=len(source))}
        report = audit_pairs(PairSampler(labels, ["digit"], source=source))
        assert report["factors"]["digit"]["originals"] == originals
        assert [f"made of {originals} originals" in line for line in report["warnings"]] == (
            [True] if warned else []
        )


def test_pairs_that_are_too_uniform_are_reported():
    style = np.where(np.arange(2000) % 25, "calm", "loud")
    report = audit_pairs(PairSampler({"style": style}, ["style"]))
    entry = report["factors"]["style"]
    # The first member is uniform over the examples; five standard errors of 10,000 draws.
    assert entry["commonest"] == pytest.approx(0.96, abs=0.01)
    assert entry["value"] == "calm"
    assert report["warnings"][0].startswith("96% of the pairs that share 'style' have the value")
    balanced = audit_pairs(PairSampler({"style": style}, ["style"], balanced=True))
    assert balanced["factors"]["style"]["commonest"] == pytest.approx(0.5, abs=0.025)
    assert balanced["warnings"] == []


def test_a_factor_that_tells_another_is_reported():
    speaker = np.random.default_rng(0).integers(20, size=2000)
    sampler = PairSampler({"speaker": speaker, "sex": speaker % 2}, ["speaker", "sex"])
    warnings = audit_pairs(sampler)["warnings"]
    assert warnings[0].startswith("'speaker' tells 'sex': pairs that share the one always share")
    # The other way it is only likelier: 1 of 10 speakers of that sex, against 1 of 20.
    assert len(warnings) == 1


def test_views_of_one_original_that_differ_in_a_label_are_counted():
    source = np.repeat([f"take {take}" for take in range(200)], 3)
    speaker = np.repeat(np.arange(200) % 7, 3)
    speaker[[0, 300]] += 1
    color = np.arange(600) % 3
    missing = np.where(np.arange(600) % 3 == 2, -1, speaker)
    labels = {"speaker": speaker, "color": color, "missing": missing, "same": source}
    ids = [f"{row:03}" for row in range(600)]
    report = audit_pairs(PairSampler(labels, ["speaker"], source=source), ids=ids)
    first = ["000", "300"]
    assert report["varying"]["speaker"] == {"originals": 200, "differ": 2, "first": first}
    assert report["varying"]["missing"] == {"originals": 200, "differ": 2, "first": first}
    assert report["varying"]["color"]["differ"] == 200
    assert set(report["varying"]) == {"speaker", "missing", "color"}
    # The colour differs on purpose.
    lines = [line for line in report["warnings"] if "originals differ in" in line]
    assert [line.split(",")[0] for line in lines] == [
        "the views of 2 of 200 originals differ in 'speaker'",
        "the views of 2 of 200 originals differ in 'missing'",
    ]
