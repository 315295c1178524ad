"""Handwritten digits in random colours: the quickstart's experiment.

Command:  iin_run --config=configs/quickstart.py --workdir=runs/quickstart
Data:     scikit-learn's 1,797 handwritten digits, no download
"""

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk


def get_config():
    return default_config()


def small():
    """The same experiment in about a minute: nothing is learned."""
    return shrunk(get_config())
