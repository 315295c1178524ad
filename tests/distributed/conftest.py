"""The strategy over two replicas that all tests of tf.distribute share."""

import pytest
import tensorflow as tf


@pytest.fixture(scope="session")
def strategy():
    """A MirroredStrategy over two logical CPUs.

    It reduces on one device.  The default's collectives can leave CPU replicas waiting for
    each other's threads, and two strategies in one process number them alike.
    """
    devices = tf.config.list_logical_devices("CPU")
    assert len(devices) == 2, "tests/conftest.py splits the CPU before TensorFlow starts"
    return tf.distribute.MirroredStrategy(
        [device.name for device in devices],
        cross_device_ops=tf.distribute.ReductionToOneDevice(),
    )
