"""Rendered sprites: an angle on its circle, beside a shape and a colour.

Command:  iin_run --config=configs/sprites.py --workdir=runs/sprites
Data:     rendered with exact labels, no download
Pairs:    by equal shape, by similar orientation or colour, and two views of one sprite that
          differ in their orientation only and share everything else
"""

import math

from iin_tf.experiment.config import default_config


def get_config():
    config = default_config()
    config.data.name = "rendered_sprites"
    config.data.factors = ("orientation", "shape", "color")
    config.data.views_change = "orientation"
    config.data.views = 2
    config.data.test_views = 2
    config.pairs.length_scales = {"orientation": 0.3, "color": 0.1}  # radians; RGB in [0, 1]
    config.pairs.periods = {"orientation": 2 * math.pi}
    config.pairs.weights = {"views": 3.0}
    config.first_stage.latent_size = 32
    config.sizes.fixed = (14, 6, 4, 8)
    config.sizes.compare = False
    config.export.name = "sprites"
    return config
