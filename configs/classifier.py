"""The quickstart's data, seen by a classifier: what it keeps of digit and colour.

Command:  iin_run --config=configs/classifier.py --workdir=runs/classifier
"""

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk


def get_config():
    config = default_config()
    config.first_stage.kind = "classifier"
    config.export.name = "colored_digits_classifier"
    return config


def small():
    """The same experiment in about a minute: nothing is learned."""
    return shrunk(get_config())
