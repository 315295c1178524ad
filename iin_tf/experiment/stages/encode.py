"""Stage encode: every example's posterior, computed once and kept."""

import numpy as np

from iin_tf.data import write_latents
from iin_tf.experiment.experiment import Experiment


def run(experiment: Experiment) -> None:
    """Encodes every split into the workdir's latents."""
    experiment.check_examples()
    train, test = experiment.train_examples, experiment.test_examples
    held_out = experiment.is_validation(train.source)
    splits = {
        "train": train.select(np.flatnonzero(~held_out)),
        "validation": train.select(np.flatnonzero(held_out)),
        "test": test,
    }
    for split, examples in splits.items():
        mean, log_variance = experiment.encode(experiment.first_stage, examples.x)
        directory = experiment.workdir.latents / split
        write_latents(
            directory, mean, log_variance, examples.labels, examples.source, id=examples.id
        )
