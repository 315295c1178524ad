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
    first_stage = experiment.first_stage
    if not first_stage.runs_in_graph:
        print("[iin] export: the network alone; a server has no Python for the first stage")
        first_stage = None
    elif not first_stage.keeps_rows:
        print("[iin] export: the network alone; a server answers a row with a row, not positions")
        first_stage = None
    version = iin_tf.export(network, path, first_stage=first_stage)
    print(f"[iin] export: {version}", flush=True)
