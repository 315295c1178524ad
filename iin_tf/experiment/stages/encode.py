"""Stage encode: every image's posterior, computed once and kept."""

import numpy as np

from iin_tf.data import write_latents


def run(experiment):
    train, test = experiment.train_images, experiment.test_images
    held_out = experiment.is_validation(train.source)
    splits = {
        "train": train.select(np.flatnonzero(~held_out)),
        "validation": train.select(np.flatnonzero(held_out)),
        "test": test,
    }
    # A table of pairs or labels knows the training images by their number.
    rows = {"train": ~held_out, "validation": held_out, "test": np.ones(len(test), bool)}
    for split, examples in splits.items():
        mean, log_variance = experiment.encode(experiment.first_stage, examples.images)
        directory = experiment.workdir.latents / split
        labels = {**examples.labels, "row": np.flatnonzero(rows[split])}
        write_latents(directory, mean, log_variance, labels, examples.source)
