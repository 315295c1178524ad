"""Two logical CPU devices for the tests of tf.distribute, before TensorFlow starts."""

from pathlib import Path

DISTRIBUTED = Path(__file__).parent / "distributed"


def pytest_configure(config):
    # Devices can be split only before their first use, which may be the import of a test, and
    # all tests share one process.  Who does not ask for these tests need not wait for TensorFlow.
    asked = [config.invocation_params.dir / arg.split("::")[0] for arg in config.args]
    if any(DISTRIBUTED.is_relative_to(path) or path.is_relative_to(DISTRIBUTED) for path in asked):
        import tensorflow as tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        halves = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(cpu, halves)
