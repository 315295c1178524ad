"""An experiment's export: what goes into it, whether it answers as the network, and for a hub."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from ml_collections import ConfigDict

import iin_tf
from iin_tf import files
from iin_tf.checks import InputError
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.model_card import model_card
from iin_tf.experiment.workdir import Workdir
from iin_tf.first_stages import FirstStage
from iin_tf.reporting.verdict import verdicts
from iin_tf.results import Results
from iin_tf.serving.verification import verify
from iin_tf.serving.versions import version_numbers


def export_path(config: ConfigDict) -> Path:
    """The directory of the versions."""
    return Path(config.export.directory) / config.export.name


def exported_first_stage(experiment: Experiment) -> FirstStage | None:
    """The first stage, where a server can run it; else None, and a line says why."""
    first_stage = experiment.first_stage
    if not first_stage.runs_in_graph:
        print("[iin] export: the network alone; a server has no Python for the first stage")
        return None
    if not first_stage.keeps_rows:
        print("[iin] export: the network alone; a server answers a row with a row, not positions")
        return None
    return first_stage


def held_out(experiment: Experiment) -> Results | None:
    """The held-out results of the network as it is, None where they were not measured."""
    path = experiment.workdir.evaluation / "metrics.json"
    if "evaluate" not in experiment.workdir.done() or not path.exists():
        return None
    return Results.read(path)


def facts(experiment: Experiment) -> dict[str, Any]:
    """What an export's description says of the experiment, plain JSON values."""
    config, results = experiment.config, held_out(experiment)
    text = json.dumps(config.to_dict(), sort_keys=True, default=str)
    return {
        "data": config.data.source,
        "config_digest": hashlib.sha256(text.encode()).hexdigest(),
        "read_outs": None
        if results is None
        else {one.factor: one.found for one in verdicts(results, config.data.factors)},
        "held_out": None if results is None else results.metrics(),
    }


def newest_version(config: ConfigDict) -> Path:
    """The directory of the newest version.

    Raises:
      InputError: there is none.
    """
    path = export_path(config)
    numbers = version_numbers(path) if path.is_dir() else []
    if not numbers:
        raise InputError(f"{str(path)!r} holds no version; export first")
    return path / str(numbers[-1])


def verify_export(config: ConfigDict, workdir: str) -> None:
    """Compares the newest version with the network of `workdir`, and prints the largest errors.

    Raises:
      VerificationError: they differ.
    """
    experiment = Experiment(config, Workdir(workdir), "none")
    network = iin_tf.load(experiment.workdir.network)
    version = newest_version(config)
    errors = verify(version, network, exported_first_stage(experiment))
    for name, error in sorted(errors.items()):
        print(f"[iin] verified: {name}, largest error {error:.1e}", flush=True)


def write_hub_folder(config: ConfigDict, workdir: str, folder: str) -> None:
    """Writes the folder that `huggingface_hub` uploads: card, network, newest version, figures.

    Whole or not at all; nothing is uploaded.

    Raises:
      InputError: `folder` holds something that no earlier call wrote.
    """
    experiment = Experiment(config, Workdir(workdir), "none")
    place, version = experiment.workdir, newest_version(config)
    if Path(folder).exists() and not Path(folder, "iin.keras").exists():
        raise InputError(f"hub_folder {folder!r} is there and holds other things; give a new one")
    network = iin_tf.load(place.network)
    with files.whole_directory(folder) as new:
        card = model_card(config, network.layout, held_out(experiment))
        (new / "README.md").write_text(card, encoding="utf-8")
        shutil.copyfile(place.network, new / "iin.keras")
        shutil.copytree(version, new / "saved_model")
        for name in ("metrics.json", *(f"swap_{one}.png" for one in config.data.factors)):
            if (place.evaluation / name).exists():
                shutil.copyfile(place.evaluation / name, new / name)
    print(f"[iin] {folder}: for huggingface_hub.upload_folder", flush=True)
