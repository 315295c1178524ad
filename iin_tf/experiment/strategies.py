"""The tf.distribute strategies that stages train under, by name."""

import os

import tensorflow as tf

from iin_tf.workers.cluster import cluster_of


def _mirrored() -> tf.distribute.Strategy:
    """A MirroredStrategy over all GPUs of this machine, or over its logical CPUs.

    The default's collectives are not used: replicas can take part in them in different
    orders, and then wait for each other forever or mix up what they reduce.
    """
    gpus = tf.config.list_logical_devices("GPU")
    devices = [device.name for device in gpus or tf.config.list_logical_devices("CPU")]
    reduction = (
        tf.distribute.HierarchicalCopyAllReduce() if gpus else tf.distribute.ReductionToOneDevice()
    )
    return tf.distribute.MirroredStrategy(devices, cross_device_ops=reduction)


def _multi_worker() -> tf.distribute.Strategy:
    """A MultiWorkerMirroredStrategy over the cluster of the environment, once all are there."""
    cluster = cluster_of(os.environ)
    if len(cluster.addresses) == 1:
        return _mirrored()
    # TensorFlow reads it from here.
    os.environ["TF_CONFIG"] = cluster.tf_config
    # It would print a line for every operation over the workers.
    tf.get_logger().setLevel("WARNING")
    return tf.distribute.MultiWorkerMirroredStrategy()


STRATEGIES = {
    "none": tf.distribute.get_strategy,
    "mirrored": _mirrored,
    "multi_worker": _multi_worker,
}
