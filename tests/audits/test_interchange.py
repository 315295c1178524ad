"""Swap figures of an oracle network, whose blocks are the factors themselves."""

import numpy as np
import pytest
import tensorflow as tf

from iin_tf import FactorLayout
from iin_tf.audits import interchange
from iin_tf.audits.inputs import read_labels
from iin_tf.audits.interchange import differing_pairs, swap_metrics
from iin_tf.audits.judging import judge_metrics
from iin_tf.checks import InputError

LAYOUT = FactorLayout({"digit": 1, "color": 3}, residual=2)


class OracleNetwork:
    """The identity: latents are [residual, digit, color] already."""

    layout = LAYOUT

    def swap(self, z, donor, factors):
        mask = np.repeat(LAYOUT.mask(factors), LAYOUT.sizes)
        return tf.constant(np.where(mask, donor, z))


class ReadColumns:
    """A judge that reads its factor from the columns of the "image"."""

    def __init__(self, columns, integer):
        self.columns = columns
        self.integer = integer

    def read(self, images):
        values = images[:, self.columns]
        return values[:, 0].astype(int) if self.integer else values


JUDGES = {"digit": ReadColumns(slice(2, 3), True), "color": ReadColumns(slice(3, 6), False)}


@pytest.fixture
def examples():
    random = np.random.default_rng(0)
    digit = random.integers(10, size=60)
    color = random.random((60, 3))
    z = np.concatenate([random.normal(size=(60, 2)), digit[:, None], color], axis=1)
    return z, {"digit": digit, "color": color}, np.arange(60) // 2


def test_pairs_differ_in_every_label_and_source(examples):
    _, labels, source = examples
    recipient, donor = differing_pairs(read_labels(labels, 60), source, donors=5, seed=0)
    assert len(recipient) == 60 * 5
    assert np.all(source[recipient] != source[donor])
    assert np.all(labels["digit"][recipient] != labels["digit"][donor])
    assert len(np.unique(np.stack([recipient, donor]), axis=1).T) == 60 * 5


def test_too_few_donors_name_the_example(examples):
    _, labels, source = examples
    with pytest.raises(ValueError, match=r"example 0 has \d+ possible donors .* than the 60"):
        differing_pairs(read_labels(labels, 60), source, donors=60, seed=0)


def test_an_oracle_swaps_exactly_what_it_is_asked_to(examples):
    z, labels, source = examples
    found = swap_metrics(OracleNetwork(), lambda z: z, JUDGES, z, labels, source, donors=5)
    metrics = found.metrics()
    assert metrics["swap/digit/digit/donor"] == 1
    assert metrics["swap/digit/digit/recipient"] == 0
    assert metrics["swap/digit/color/recipient_error"] == 0
    assert metrics["swap/color/digit/recipient"] == 1
    assert metrics["swap/color/color/donor_error"] == 0
    assert metrics["swap/residual/digit/recipient"] == 1
    # Two independent uniform numbers differ by 1/3 on average; 300 pairs of 60 colours.
    assert abs(metrics["swap/color/color/recipient_error"] - 1 / 3) < 0.05
    assert metrics["swap/digit/digit/donor/low"] == metrics["swap/digit/digit/donor/high"] == 1


@pytest.mark.parametrize("together", [7, 64])
def test_figures_are_the_same_however_many_edits_are_read_at_once(together, examples, monkeypatch):
    z, labels, source = examples
    some = {**labels, "digit": np.where(np.arange(60) < 6, -1, labels["digit"])}
    given = (Density(), lambda z: z, JUDGES, z, some, source)
    whole = swap_metrics(*given, donors=5)
    monkeypatch.setattr(interchange, "TOGETHER", together)
    assert swap_metrics(*given, donors=5).as_dict() == whole.as_dict()


class Density(OracleNetwork):
    """The oracle, whose density is a standard normal of the residual."""

    scale = 1.0

    def swap(self, z, donor, factors):
        moved = np.array(super().swap(z, donor, factors))
        if "residual" in factors:
            moved[:, :2] *= self.scale
        return moved

    def log_prob(self, z):
        return -0.5 * np.square(z[:, :2]).sum(axis=1)


def test_edits_that_leave_the_data_are_counted(examples):
    z, labels, source = examples
    found = swap_metrics(Density(), lambda z: z, JUDGES, z, labels, source, donors=5).metrics()
    # A donor's residual is a real one: as unlikely as one in a hundred, here none or one of 60.
    assert found["swap/residual/unlikely"] <= 2 / 60
    # The recipient's own density stays.
    assert found["swap/digit/unlikely"] <= 2 / 60
    assert found["swap/color/far"] == 0


def test_a_network_whose_edits_explode_is_warned_of(examples):
    z, labels, source = examples
    wild = Density()
    wild.scale = 1000.0
    with pytest.warns(UserWarning, match="of the edits of 'residual' are less likely than 99 %"):
        found = swap_metrics(wild, lambda z: z, JUDGES, z, labels, source, donors=5)
    # All of them, but for donors at the origin.
    assert found["swap/residual/unlikely"].value > 0.99
    assert found["swap/residual/far"].value > 0.99
    assert found["swap/residual/far"].expected.perfect == 0.01


def test_judges_are_measured_on_both_kinds_of_pictures(examples):
    z, labels, _ = examples
    spoiled = z.copy()
    spoiled[:30, 2] += 1
    spoiled[:, 3:] += 0.1
    metrics = judge_metrics(JUDGES, z, spoiled, labels).metrics()
    assert metrics["judge/digit/original"] == 1
    assert metrics["judge/digit/reconstruction"] == 0.5
    assert metrics["judge/color/original_error"] == 0
    assert metrics["judge/color/reconstruction_error"] == pytest.approx(0.1)


def test_examples_of_unknown_labels_are_left_out(examples):
    z, labels, source = examples
    known = {"digit": np.arange(60) % 3 != 0, "color": np.arange(60) % 4 != 1}
    some = {
        "digit": np.where(known["digit"], labels["digit"], -1),
        "color": np.where(known["color"][:, None], labels["color"], np.nan),
    }
    found = swap_metrics(OracleNetwork(), lambda z: z, JUDGES, z, some, source, donors=5)
    for factor, rows in known.items():
        # The other factor, where it is known, still keeps recipients and donors apart.
        alone = swap_metrics(
            OracleNetwork(),
            lambda z: z,
            {factor: JUDGES[factor]},
            z[rows],
            {name: values[rows] for name, values in some.items()},
            source[rows],
            donors=5,
        )
        for name, one in alone.items():
            assert (found[name].value, found[name].interval) == (one.value, one.interval)
    assert found["swap/digit/digit/donor"].value == 1
    assert found["swap/color/digit/recipient"].value == 1
    judged = judge_metrics(JUDGES, z, z, some).metrics()
    assert judged["judge/digit/original"] == 1
    assert judged["judge/color/reconstruction_error"] == 0


def test_judges_may_read_texts(examples):
    z, labels, source = examples
    names = np.array(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    )

    class Reads:
        def read(self, images):
            return names[images[:, 2].astype(int)]

    texts = {"digit": names[labels["digit"]], "color": labels["color"]}
    found = swap_metrics(
        OracleNetwork(), lambda z: z, {"digit": Reads()}, z, texts, source, donors=5
    )
    assert found["swap/digit/digit/donor"].value == 1


def test_what_cannot_work_is_said_before_anything_is_decoded(examples):
    z, labels, source = examples

    def decode(z):
        raise AssertionError("decoded")

    wrong = [
        ({"judges": {"shape": JUDGES["digit"]}}, "judges has 'shape', but labels has"),
        ({"judges": {"digit": 3}}, r"judges\['digit'\] is 3; give one with read"),
        ({"judges": {}}, "judges is {}; give a mapping"),
        ({"donors": 0}, "donors is 0"),
        ({"donors": 55}, "possible donors"),
        ({"source": source[:3]}, r"source has shape \(3,\)"),
        ({"labels": {"digit": labels["digit"][:5]}}, r"labels\['digit'\] has shape \(5,\)"),
        ({"z": z[:, :3]}, "give 6 columns"),
        ({"z": z.astype(complex)}, "z is complex"),
        ({"network": 3}, "give an InterpretationNetwork"),
        ({"decode": None}, "decode is None; give a function"),
        ({"seed": 1.5}, "seed is 1.5"),
    ]
    given = {"network": OracleNetwork(), "decode": decode, "judges": JUDGES, "z": z}
    given |= {"labels": labels, "source": source}
    for change, message in wrong:
        with pytest.raises(ValueError, match=message):
            swap_metrics(**(given | change))


def test_a_reading_that_does_not_fit_is_named(examples):
    z, labels, source = examples
    swapped = {"digit": JUDGES["color"], "color": JUDGES["color"]}
    with pytest.raises(InputError, match="the judge of 'digit' read shape"):
        swap_metrics(OracleNetwork(), lambda z: z, swapped, z, labels, source, donors=5)
