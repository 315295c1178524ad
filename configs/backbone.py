"""An image backbone with the weights it came with: what EfficientNet-Lite0 keeps of clothes.

Command:  iin_run --config=configs/backbone.py --config.data.path=runs/backbone_data/vectors.npz \
              --config.data.labels=runs/backbone_data/labels.csv --workdir=runs/backbone
Data:     python examples/backbone_vectors.py --output=runs/backbone_data makes it: 10,000 + 2,500
          images of Fashion-MNIST in eight colours and four turns, 1,280 numbers each
Time:     5 minutes on two cores
"""

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk


def get_config():
    config = default_config()
    config.data.source = "latents"
    config.data.factors = ("kind", "color", "turn")
    config.first_stage.kind = "none"
    config.first_stage.noise = 0.5
    config.first_stage.noise_kind = "isotropic"
    config.sizes.fixed = (12, 10, 8)
    config.sizes.compare = False
    config.network.blocks = 4
    config.network.hidden = 128
    config.network.depth = 1
    config.network.front = 128
    config.network.mixing = "linear"
    config.network.correlation = 0.975
    config.training.steps = 1500
    config.training.weight_decay = 0.1
    config.export.name = "backbone"
    return config


def small():
    """The same experiment in about a minute: nothing is learned."""
    return shrunk(get_config())
