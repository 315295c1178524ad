"""The quickstart's experiment made tiny: every stage runs, nothing is learned.

Command:  iin_run --config=configs/smoke.py --workdir=runs/smoke
Time:     about a minute on two cores
"""

from iin_tf.experiment.config import default_config


def get_config():
    config = default_config()
    config.data.views = 3
    config.data.test_views = 1
    config.first_stage.steps = 4
    config.sizes.pairs = 500
    config.sizes.compare_steps = 4
    config.network.blocks = 2
    config.network.hidden = 16
    config.training.steps = 4
    config.training.steps_per_epoch = 2
    config.training.validation_batches = 1
    config.training.pictures_every = 1
    config.evaluation.judge_steps = 4
    config.evaluation.pairs = 1000
    config.evaluation.grid = 3
    config.evaluation.measures = ("mig", "dci")
    config.evaluation.resamples = 20
    config.evaluation.response_examples = 20
    config.evaluation.response_draws = 4
    config.export.name = "smoke"
    config.baselines.steps = 4
    config.baselines.pairs = 1000
    return config
