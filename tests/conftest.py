"""Two logical CPU devices for the tests of tf.distribute, before TensorFlow starts."""

DISTRIBUTED = "distributed"


def pytest_collection_finish(session):
    # Devices can be split only before their first use, and all tests share one process.
    if any(DISTRIBUTED in item.path.parts for item in session.items):
        import tensorflow as tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        halves = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(cpu, halves)
