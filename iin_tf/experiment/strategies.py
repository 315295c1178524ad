"""The tf.distribute strategies that stages train under, by name."""

import tensorflow as tf


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


STRATEGIES = {"none": tf.distribute.get_strategy, "mirrored": _mirrored}
