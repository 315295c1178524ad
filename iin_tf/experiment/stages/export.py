"""Stage export: the next version of a SavedModel, first stage included."""

from pathlib import Path

import iin_tf
from iin_tf.experiment.experiment import Experiment
from iin_tf.temporaries import sweep


def run(experiment: Experiment) -> None:
    """Writes the next version of the SavedModel."""
    config = experiment.config.export
    network = iin_tf.load(experiment.workdir.network)
    path = Path(config.directory) / config.name
    sweep(path)
    version = iin_tf.export(network, path, first_stage=experiment.first_stage)
    print(f"[iin] export: {version}", flush=True)
