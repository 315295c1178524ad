"""The smallest run that has every stage: images of 12 x 12 pixels, shapes in shades.

A config file with data of its own; nothing is learned in so few steps.
"""

import numpy as np

from iin_tf.experiment import default_config, shrunk

STAGES = (
    "pretrain", "encode", "sizes", "train", "evaluate", "export", "baselines", "few_labels",
)  # fmt: skip
_SIZE, _ROWS = 12, {"train": 150, "test": 60}
_SETTINGS = {
    "data.factors": ("shape", "shade"),
    "first_stage.latent_size": 8,
    "first_stage.batch_size": 32,
    "first_stage.steps": 20,
    "sizes.pairs": 100,
    "sizes.compare_steps": 10,
    "network.blocks": 1,
    "network.hidden": 8,
    "network.depth": 1,
    "training.batch_size": 32,
    "training.steps": 12,
    "training.steps_per_epoch": 4,
    "evaluation.judge_steps": 10,
    "evaluation.judge_batch_size": 32,
    "evaluation.pairs": 100,
    "evaluation.grid": 2,
    "evaluation.measures": ("mig",),
    "evaluation.reader_rows": 100,
    "evaluation.response_examples": 4,
    "evaluation.response_draws": 2,
    "baselines.steps": 10,
    "baselines.batch_size": 32,
    "baselines.pairs": 100,
    "baselines.rows": 100,
    "few_labels.labelled": ("all",),
    "few_labels.missing": ("shape", "shade"),
    # Far more often than anybody would.
    "checkpoints.steps": 2,
}


def get_config():
    config = shrunk(default_config())
    config.data.source, config.code = "python", __file__
    for path, value in _SETTINGS.items():
        section, key = path.split(".")
        config[section][key] = value
    return config


def get_data(config, split):
    random = np.random.default_rng(sorted(_ROWS).index(split))
    rows = _ROWS[split]
    shape, shade = random.integers(3, size=rows), random.integers(3, size=rows)
    x = np.zeros((rows, _SIZE, _SIZE, 3), np.uint8)
    for image, one, grey in zip(x, shape, 85 * (shade + 1), strict=True):
        height, width = ((8, 3), (3, 8), (6, 6))[one]
        top, left = random.integers(_SIZE - 8, size=2)
        image[top : top + height, left : left + width] = grey
    return {"x": x, "labels": {"shape": shape, "shade": shade}}
