"""A measure from outside of the package: one function and one line."""

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.measures import FAMILIES, Protocol, disentanglement, register
from iin_tf.measures.scores import weighted_mean
from iin_tf.results import Expected, Kind

KIND = Kind(
    "disentanglement/sign_agreement",
    "Agreement of signs",
    "Blocks",
    Expected("higher", 1, 0.5),
    protocol="test rows in which code and factor lie on the same side of their medians",
)
PROTOCOL = Protocol(resamples=20, bins=8)


def sign_agreement(study):
    """How often the first code and the first factor lie on the same side of their medians."""
    code, factor = study.sample.codes[:, 0], study.sample.factors[0].numbers
    same = (code > np.median(code)) == (factor > np.median(factor))
    hits = same[study.split[1]].astype(float)
    values = study.on_test_rows([lambda weights: weighted_mean(hits, weights)])[:, 0]
    return [study.held_out("sign_agreement", values, {}, "this test", (0, 1))]


@pytest.fixture
def registered():
    register("sign_agreement", sign_agreement, [KIND], blocks=False, default=False)
    yield
    del FAMILIES["sign_agreement"]


def test_a_measure_of_ones_own(registered):
    numbers = np.random.default_rng(0).normal(size=(400, 1))
    settings = {"continuous": [0], "protocol": PROTOCOL}
    result = disentanglement(numbers, numbers, ["sign_agreement", "mig"], **settings)
    own = result["sign_agreement"]
    assert own.value == 1
    assert own.interval == (1, 1)
    assert own.title == "Agreement of signs"
    assert own.protocol["resamples"] == 20
    assert "sign_agreement" in disentanglement(numbers, numbers, "all", **settings)
    assert "sign_agreement" not in disentanglement(numbers, numbers, **settings)
    with pytest.raises(InputError, match="not defined by block"):
        disentanglement(numbers, numbers, "sign_agreement", {"a": [0]}, **settings)


@pytest.mark.parametrize(
    ("name", "compute", "settings", "words"),
    [
        ("mig", sign_agreement, {}, "a measure already"),
        ("all", sign_agreement, {}, "give a text"),
        (3, sign_agreement, {}, "give a text"),
        ("new", "sap", {}, "give a function"),
        ("new", sign_agreement, {"blocks": "no"}, "give True or False"),
        ("new", sign_agreement, {"kinds": [KIND.pattern]}, "Kind"),
    ],
)
def test_what_is_no_measure_is_not_registered(name, compute, settings, words):
    before = dict(FAMILIES)
    with pytest.raises(InputError, match=words):
        register(name, compute, **settings)
    assert before == FAMILIES
