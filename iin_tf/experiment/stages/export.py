"""Stage export: the next version of a SavedModel, first stage included."""

import iin_tf
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.exported import export_path, exported_first_stage, facts
from iin_tf.temporaries import sweep


def run(experiment: Experiment) -> None:
    """Writes the next version of the SavedModel."""
    network = iin_tf.load(experiment.workdir.network)
    path = export_path(experiment.config)
    sweep(path)
    version = iin_tf.export(
        network, path, first_stage=exported_first_stage(experiment), facts=facts(experiment)
    )
    print(f"[iin] export: {version}", flush=True)
