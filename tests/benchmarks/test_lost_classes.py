"""Where a donor's class is lost, of a network whose answers are known."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

import iin_tf

# Two classes on the second axis, which is the block: at -1 and at 1.
CLASSES = np.array([0, 0, 1, 1, 1])
Z = np.array([[5, -1.2], [6, -0.8], [7, 1], [8, 0.8], [9, -0.5]], np.float32)


class Identity:
    """A network that leaves representations as they are."""

    layout = iin_tf.FactorLayout({"class": 1}, residual=1)

    def transform(self, z):
        return tf.constant(z)

    def invert(self, z_tilde):
        return tf.constant(z_tilde)

    def swap(self, z, donors, factors):
        return tf.stack([z[:, 0], donors[:, 1]], axis=1)


@pytest.fixture
def table():
    from lost_classes import lost_classes

    def made(read):
        train = Z[[0, 1, 2, 3]], CLASSES[[0, 1, 2, 3]]
        judge = SimpleNamespace(read=read)
        return lost_classes(Identity(), lambda z: z, judge, train, Z, CLASSES, "class")

    return made


def test_a_judge_of_the_block_loses_what_the_block_does_not_tell(table):
    found = table(lambda z: (z[:, 1] > 0).astype(int))
    # The last donor's block lies with the other class: four of five, and all that it tells.
    assert "tells the class of 0.800 of them (0 1.00, 1 0.67), and of 1.000 of 4 training" in found
    assert found.count("0.800 | 1.000 |") == 4
    # A class's mean block is read as that class whatever the donor's own says.
    assert "| the mean block of the donor's class, other class | 1.000 | 1.000 |" in found


def test_a_judge_of_the_residual_reads_the_recipient(table):
    found = table(lambda z: (z[:, 0] > 6.5).astype(int))
    assert "| nothing: the donor's reconstruction | 1.000 | 1.000 |" in found
    assert "| the donor's block, other class | 0.000 | 0.000 |" in found
    assert "| the donor's block, same class | 1.000 | 1.000 |" in found
    assert "| the mean block of the donor's class, other class | 0.000 | 0.000 |" in found
