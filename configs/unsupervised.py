"""No pairs: the marginal likelihood alone turns the autoencoder into a sampler.

Command:  iin_run --config=configs/unsupervised.py --workdir=runs/unsupervised
"""

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk


def get_config():
    config = default_config()
    config.data.factors = ()
    config.sizes.compare = False
    config.export.name = "colored_digits_unsupervised"
    return config


def small():
    """The same experiment in about a minute: nothing is learned."""
    return shrunk(get_config())
