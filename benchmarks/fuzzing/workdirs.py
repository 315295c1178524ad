"""Working directories of experiments, read by programs that go on from them or compare them."""

import shutil
from pathlib import Path

import numpy as np

from fuzzing.mutations import changed_bytes, changed_text
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
    path = files[random.integers(len(files))]
    content = path.read_bytes()
    match random.integers(8):
        case 0:
            path.unlink()
        case 1:
            path.unlink()
            path.mkdir()
        case 2:
            path.write_bytes(changed_bytes(random, content))
        case _:
            text = changed_text(random, content.decode())
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
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
