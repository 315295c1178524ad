"""Fashion-MNIST in random colours: real photographs, ten kinds of clothes.

Command:  iin_run --config=configs/fashion_mnist.py --workdir=runs/fashion_mnist
Data:     the 60,000 + 10,000 idx files of Debian's package dataset-fashion-mnist; those of another
          folder with --config.data.path=...
Time:     7 minutes on two idle cores, 30 beside a dozen other programs
"""

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk


def get_config():
    config = default_config()
    config.data.source = "idx"
    config.data.path = "/usr/share/datasets/fashion-mnist"
    config.data.label = "kind"
    config.data.factors = ("kind", "color")
    config.data.views = 2
    config.data.test_views = 1
    config.first_stage.steps = 6000
    config.first_stage.kl_weight = 2e-3
    config.sizes.compare = False
    config.network.mixing = "linear"
    config.network.correlation = 0.99
    config.training.steps = 6000
    config.training.steps_per_epoch = 500
    config.training.weight_decay = 0.1
    config.evaluation.judge_steps = 2500
    # Ten thousand recipients.
    config.evaluation.donors = 3
    config.export.name = "fashion_mnist"
    return config


def small():
    """The same experiment in about a minute: nothing is learned."""
    return shrunk(get_config())
