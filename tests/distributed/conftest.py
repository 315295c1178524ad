"""One strategy over two replicas for all tests of tf.distribute."""

import pytest
import tensorflow as tf


@pytest.fixture(scope="session")
def strategy():
    """A MirroredStrategy over two logical CPUs.

    There is one of it: two strategies in one process number their collective operations
    alike, and TensorFlow takes those of the one for those of the other.
    """
    devices = tf.config.list_logical_devices("CPU")
    assert len(devices) == 2, "tests/conftest.py splits the CPU before TensorFlow starts"
    return tf.distribute.MirroredStrategy([device.name for device in devices])
