"""The model's own class under exchanged blocks, of a network whose blocks are known."""

import numpy as np
import pytest
import tensorflow as tf

from iin_tf import FactorLayout
from iin_tf.audits.head import head_metrics
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
    # One column is no choice of a class, and "same" gives every example one.
    def head(z, rows):
        return {"digit": z[:, 2:5], "shade": z[:, 5:], "same": np.eye(2)[np.zeros(len(z), int)]}

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
