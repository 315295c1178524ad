"""Two logical CPU devices for the tests of tf.distribute, and a process that holds something."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

DISTRIBUTED = Path(__file__).parent / "distributed"


@pytest.fixture
def holder(request, tmp_path):
    """A process that runs the `HOLD` of the test's file on `tmp_path`, until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", request.module.HOLD, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert process.stdout.readline() == b"holds\n"
    yield process
    process.kill()
    process.wait()


def pytest_configure(config):
    # Devices can be split only before their first use, which may be the import of a test, and
    # all tests share one process.  Who does not ask for these tests need not wait for TensorFlow.
    asked = [config.invocation_params.dir / arg.split("::")[0] for arg in config.args]
    if any(DISTRIBUTED.is_relative_to(path) or path.is_relative_to(DISTRIBUTED) for path in asked):
        import tensorflow as tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        halves = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(cpu, halves)
