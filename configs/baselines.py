"""The quickstart's experiment beside raw latents, a linear network, a beta-VAE and Ada-GVAE.

Command:  iin_baselines --config=configs/baselines.py --workdir=runs/quickstart
Data:     the quickstart's, no download; a finished quickstart in the workdir is taken as it is
Result:   baselines/baselines.md, baselines/baselines.png, baselines/metrics.json
"""

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk


def get_config():
    return default_config()


def small():
    """The same experiment in about a minute: nothing is learned."""
    return shrunk(get_config())
