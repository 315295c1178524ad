"""The quickstart's experiment made small: every stage runs, nothing is learned.

Command:  iin_run --config=configs/smoke.py --workdir=runs/smoke
Time:     about a minute on two cores
"""

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk


def get_config():
    config = shrunk(default_config())
    config.data.test_views = 1
    config.export.name = "smoke"
    return config


def small():
    """The same: there is nothing left to take away."""
    return get_config()
