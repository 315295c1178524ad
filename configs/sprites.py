"""Rendered sprites: an angle on its circle, beside a shape, a scale, a position and a colour.

Command:  iin_run --config=configs/sprites.py --workdir=runs/sprites
Data:     80,000 sprites in two orientations each, rendered with exact labels, no download
Pairs:    by equal shape; by similar orientation, scale, x, y or colour; and two views of one
          sprite, which share everything but the orientation
Time:     30 minutes on two cores shared with other work, 19 of them for the network
Result:   a small regression reads the angle from its block (held-out R^2 0.91) and from no other
          (at most 0.00); the autoencoder keeps no hue (docs/experiments.md)
"""

import math

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk


def get_config():
    config = default_config()
    config.data.source = "rendered_sprites"
    config.data.factors = ("orientation", "shape", "scale", "x", "y", "color")
    config.data.views_change = "orientation"
    config.data.examples = 80_000
    config.data.views = 2
    config.data.test_examples = 1000
    config.data.test_views = 4
    # About the spread of each label, so that a block has to be no wider than its label.
    config.pairs.length_scales = {
        "orientation": 0.5,  # radians
        "scale": 0.072,  # half the frame's side
        "x": 0.133,
        "y": 0.133,
        "color": 0.2,  # RGB in [0, 1]
    }
    config.pairs.periods = {"orientation": 2 * math.pi}
    # The angle is the hardest to find, the others need few pairs.  Views say what it is not.
    config.pairs.weights = {
        "orientation": 6.0,
        "shape": 0.5,
        "scale": 0.25,
        "x": 0.25,
        "y": 0.25,
        "color": 0.5,
        "views": 1.0,
    }
    config.pairs.cap = 0.98
    config.first_stage.latent_size = 16
    config.first_stage.steps = 3000
    config.first_stage.kl_weight = 1e-2
    # Several harmonics of the angle follow its kernel: the more room, the stronger the signal.
    config.sizes.fixed = (2, 6, 2, 1, 1, 1, 3)
    config.sizes.compare = False
    config.network.correlation = 0.97
    config.network.mixing = "linear"
    config.training.steps = 20_000
    config.training.decay = 0.7
    config.training.steps_per_epoch = 500
    config.training.learning_rate = 2e-3
    config.training.pictures_every = 20
    config.evaluation.judge_steps = 400
    config.export.name = "sprites"
    return config


def small():
    """The same experiment in about a minute: nothing is learned."""
    config = shrunk(get_config())
    # Enough for pairs of every factor among so few sprites.
    config.data.validation = 0.2
    return config
