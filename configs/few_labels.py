"""The quickstart's experiment with labels of few images, with and without unlabelled ones.

Command:  iin_few_labels --config=configs/few_labels.py --workdir=runs/quickstart
Data:     the quickstart's, no download; its first stage and latents are used where they are there
Result:   few_labels/few_labels.md, few_labels/few_labels.png, one directory a run
Time:     9 minutes for 18 runs on two cores
"""

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk


def get_config():
    config = default_config()
    # With 0.99 a pair that fits badly costs too much: few labels are overfitted at once.
    config.network.correlation = 0.9
    config.training.steps = 1020
    config.training.steps_per_epoch = 60
    config.training.validation_batches = 24
    config.training.batch_size = 64
    config.training.decay = 0.8
    config.evaluation.donors = 5
    config.evaluation.judge_steps = 500
    return config


def small():
    """The same experiment in about a minute: nothing is learned."""
    return shrunk(get_config())
