"""Stage pretrain: the model whose representation is interpreted."""

import keras
import numpy as np

from iin_tf import files
from iin_tf.checks import is_missing
from iin_tf.experiment import images
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.pair_audit import audit_examples
from iin_tf.training import pretraining


def run(experiment: Experiment) -> None:
    """Trains the first stage that the config names, and keeps it."""
    experiment.check_examples()
    audit_examples(experiment)
    images.check_images(experiment.config, experiment.train_examples.x)
    model = KINDS[experiment.config.first_stage.kind](experiment)
    if experiment.workers.is_chief:
        with files.whole_file(experiment.workdir.first_stage) as temporary:
            model.save(temporary)


def train_autoencoder(experiment: Experiment) -> keras.Model:
    """A VariationalAutoencoder of the experiment's training images."""
    config = experiment.config
    return pretraining.train_autoencoder(
        experiment.train_examples.x,
        config.first_stage,
        config.seed,
        experiment.strategy,
        _checkpoints(experiment, "pretrain"),
    )


def train_classifier(
    experiment: Experiment, steps: int | None = None, stage: str = "pretrain"
) -> keras.Model:
    """A ConvClassifier of the first factor, which must be categorical.

    Args:
      experiment: Experiment.
      steps: training steps in place of the config's.
      stage: that it belongs to.
    """
    config, train = experiment.config, experiment.train_examples
    settings = config.first_stage.copy_and_resolve_references()
    settings.steps = steps or settings.steps
    labels = train.labels[config.data.factors[0]]
    known = ~is_missing(labels)
    if not known.all():
        train, labels = train.select(known), labels[known]
    # Texts and bools, as whole numbers in their order.
    codes = labels if labels.dtype.kind in "iu" else np.unique(labels, return_inverse=True)[1]
    return pretraining.train_classifier(
        train.x,
        codes,
        settings,
        config.seed,
        experiment.strategy,
        _checkpoints(experiment, stage),
    )


def _checkpoints(experiment, stage):
    return experiment.checkpoints(experiment.place.parts(stage) / "first_stage")


# Kind of first stage -> function that trains it.
KINDS = {"autoencoder": train_autoencoder, "classifier": train_classifier}
