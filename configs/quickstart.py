"""Handwritten digits in random colours: the quickstart's experiment.

Command:  iin_run --config=configs/quickstart.py --workdir=runs/quickstart
Data:     scikit-learn's 1,797 handwritten digits, no download
"""

from iin_tf.experiment.config import default_config


def get_config():
    return default_config()
