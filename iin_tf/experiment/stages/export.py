"""Stage export: the next version of a SavedModel, first stage included."""

import json
from pathlib import Path

import iin_tf
from iin_tf import files
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.exported import export_path, exported_first_stage, facts
from iin_tf.serving.saved_model import DESCRIPTION_FILE, EXTRA
from iin_tf.serving.server_files import write_server_files
from iin_tf.serving.versions import version_numbers
from iin_tf.temporaries import sweep


def run(experiment: Experiment) -> None:
    """Writes the next version of the SavedModel, unless an interrupted run has."""
    path, about = export_path(experiment.config), facts(experiment)
    sweep(path)
    version = _written_before(experiment, path, about)
    if version is None:
        network = iin_tf.load(experiment.workdir.network)
        first_stage = exported_first_stage(experiment)
        version = iin_tf.export(network, path, first_stage=first_stage, facts=about)
    else:
        write_server_files(path)
    print(f"[iin] export: {version}", flush=True)


def _written_before(experiment: Experiment, path: Path, about: dict) -> Path | None:
    """The version that an interrupted run of this stage wrote and could not record."""
    there = version_numbers(path) if path.is_dir() else []
    begun = experiment.workdir.parts("export") / "versions.json"
    if not begun.exists():
        files.write_json(begun, there)
        return None
    before = files.read_json(begun)
    for number in there:
        found = path / str(number)
        # Others may write versions to the same place.
        if number not in before and _says(found / EXTRA / DESCRIPTION_FILE, about):
            return found
    return None


def _says(description: Path, about: dict) -> bool:
    if not description.exists():
        return False
    said = files.read_json(description, {})
    wanted = json.loads(json.dumps(about))
    return all(key in said and said[key] == value for key, value in wanted.items())
