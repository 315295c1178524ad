"""Working directories of experiments, read by programs that go on from them or compare them."""

import shutil
from pathlib import Path

import numpy as np

from fuzzing.mutations import damage
from iin_tf.experiment.recorded import recorded_config
from iin_tf.experiment.workdir import Workdir
from iin_tf.results import Results

FORMATS = Path(__file__).parents[2] / "tests" / "formats"


def workdir_files(random: np.random.Generator, folder: Path) -> None:
    """A workdir with one file changed, gone, or of another kind."""
    directory = folder / "run"
    shutil.copytree(FORMATS / "workdir", directory)
    shutil.copy(FORMATS / "metrics.json", directory / "metrics.json")
    files = [path for path in sorted(directory.rglob("*")) if path.is_file()]
    damage(random, files[random.integers(len(files))])
    workdir = Workdir(directory)
    match random.integers(4):
        case 0:
            workdir.layout()
        case 1:
            recorded_config(workdir)
        case 2:
            for stage, config in workdir.done().items():
                workdir.versions(stage)
                workdir.is_done(stage, config)
        case _:
            Results.read(directory / "metrics.json").markdown()
