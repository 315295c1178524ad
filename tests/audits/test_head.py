"""The model's own class under exchanged blocks, of a network whose blocks are known."""

import numpy as np
import pytest
import tensorflow as tf

from iin_tf import FactorLayout
from iin_tf.audits.head import decisions, head_metrics
from iin_tf.checks import InputError

LAYOUT = FactorLayout({"digit": 3, "shade": 1}, residual=2)


class Oracle:
    """The identity: latents are [residual, digit, shade] already."""

    layout = LAYOUT

    def swap(self, z, donor, factors):
        mask = np.repeat(LAYOUT.mask(factors), LAYOUT.sizes)
        return tf.constant(np.where(mask, donor, z))


@pytest.fixture
def z():
    random = np.random.default_rng(0)
    digit = np.eye(3)[random.integers(3, size=60)]
    return np.concatenate([random.normal(size=(60, 2)), digit, random.random((60, 1))], axis=1)


def test_the_class_follows_the_block_that_the_head_reads(z):
    # "same" gives every example one class, and a number comes after a choice of several.
    def head(z, rows):
        same = np.eye(2)[np.zeros(len(z), int)]
        return {"same": same, "number": z[:, 0], "shade": z[:, 5:], "digit": z[:, 2:5]}

    metrics = head_metrics(Oracle(), head, z, donors=5).metrics()
    expected = {"digit": (1, 0), "shade": (0, 1), "residual": (0, 1)}
    for block, (donor, recipient) in expected.items():
        assert metrics[f"head/{block}/donor"] == donor
        assert metrics[f"head/{block}/recipient"] == recipient


def test_the_head_is_told_which_example_was_edited(z):
    # All of the class comes from the example's own input, so that no edit changes it.
    inputs = z[:, 2:5].copy()
    metrics = head_metrics(Oracle(), lambda z, rows: {"class": inputs[rows]}, z).metrics()
    for block in LAYOUT.names:
        assert metrics[f"head/{block}/recipient"] == 1


def test_intervals_of_what_always_or_never_happens_have_no_width(z):
    # More donors than there are: examples of the rarest other class set the number.
    metrics = head_metrics(
        Oracle(), lambda z, _: {"class": z[:, 2:5]}, z, np.arange(60), donors=60
    ).metrics()
    assert metrics["head/digit/donor/low"] == metrics["head/digit/donor/high"] == 1
    assert metrics["head/residual/recipient/low"] == 1


def test_a_model_that_always_decides_the_same_has_no_figures(z):
    def head(z, rows):
        return {"class": np.tile([0.0, 1.0], (len(z), 1)), "number": np.ones(len(z))}

    assert len(head_metrics(Oracle(), head, z)) == 0


def test_a_single_output_decides_by_its_sign(z):
    np.testing.assert_array_equal(decisions(np.array([[-1.0], [2.0]])), [0, 1])
    np.testing.assert_array_equal(decisions(np.array([[3.0, 1.0], [0.0, 2.0]])), [0, 1])
    for head in (lambda z, _: {"sign": z[:, 0]}, lambda z, _: {"sign": z[:, :1]}):
        metrics = head_metrics(Oracle(), head, z).metrics()
        assert metrics["head/residual/donor"] == 1
        assert metrics["head/digit/recipient"] == 1


def test_donors_are_of_another_original_and_as_many_as_there_are(z):
    few = z.copy()
    few[:, 2:5] = np.eye(3)[0]
    few[:4, 2:5] = np.eye(3)[1]
    source = np.arange(60) // 2
    metrics = head_metrics(Oracle(), lambda z, _: {"class": z[:, 2:5]}, few, source).metrics()
    assert metrics["head/digit/donor"] == 1


def test_outputs_that_do_not_fit_are_named(z):
    with pytest.raises(InputError, match=r"'class' of head has shape \(1, 3\) for 60 latents"):
        head_metrics(Oracle(), lambda z, _: {"class": z[:1, :3]}, z)
