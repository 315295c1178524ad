"""A model's own decisions after exchanges, where the blocks are columns of the representation."""

import types

import numpy as np
import tensorflow as tf

from iin_tf import FactorLayout
from iin_tf.experiment.head import decisions, head_metrics

LAYOUT = FactorLayout({"digit": 2}, residual=2)


class Columns:
    """The identity: representations are [residual, digit] already."""

    layout = LAYOUT

    def swap(self, z, donor, factors):
        return np.where(np.repeat(LAYOUT.mask(factors), LAYOUT.sizes), donor, z)


def experiment(head, z):
    store = types.SimpleNamespace(mean=z, source=np.arange(len(z)) // 2)
    evaluation = types.SimpleNamespace(donors=20)
    return types.SimpleNamespace(
        config=types.SimpleNamespace(evaluation=evaluation, seed=0),
        store=lambda split: store,
        first_stage=types.SimpleNamespace(head=head),
    )


def test_the_block_that_the_model_listens_to_brings_the_donors_decision():
    z = np.random.default_rng(0).normal(size=(80, 4)).astype(np.float32)
    found = head_metrics(experiment(lambda z: z[:, 2:], z), Columns()).metrics()
    assert found["head/digit/donor"] == 1
    assert found["head/digit/recipient"] == 0
    assert found["head/residual/donor"] == 0
    assert found["head/residual/recipient/low"] == 1


def test_a_model_that_always_decides_the_same_has_no_figures():
    z = np.ones((20, 4), np.float32)
    assert len(head_metrics(experiment(lambda z: z[:, 2:], z), Columns())) == 0


def test_a_single_output_decides_by_its_sign():
    np.testing.assert_array_equal(decisions(np.array([[-1.0], [2.0]])), [0, 1])
    np.testing.assert_array_equal(decisions(np.array([[3.0, 1.0], [0.0, 2.0]])), [0, 1])
    z = np.random.default_rng(1).normal(size=(60, 4)).astype(np.float32)
    found = head_metrics(experiment(lambda z: tf.reduce_sum(z[:, :1], -1), z), Columns())
    assert found["head/residual/donor"].value == 1
