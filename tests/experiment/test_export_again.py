"""An export that was written but not recorded is not written once more."""

from types import SimpleNamespace

import pytest

from iin_tf import files
from iin_tf.experiment.stages import export
from iin_tf.experiment.workdir import Workdir

FACTS = {"config_digest": "a", "held_out": {"nll/test": -2.25}}


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """The stage, its folder of versions, and the numbers that were written."""
    path, written = tmp_path / "models/digits", []

    def write(network, path, first_stage, facts):
        number = 1 + len([*path.glob("*/assets.extra")])
        description = path / str(number) / "assets.extra/description.json"
        files.write_json(description, {"format": 1, **facts})
        written.append(number)
        return path / str(number)

    monkeypatch.setattr(export, "iin_tf", SimpleNamespace(load=lambda path: None, export=write))
    monkeypatch.setattr(export, "export_path", lambda config: path)
    monkeypatch.setattr(export, "exported_first_stage", lambda experiment: None)
    monkeypatch.setattr(export, "facts", lambda experiment: FACTS)
    experiment = SimpleNamespace(config=None, workdir=Workdir(tmp_path / "run"))
    return lambda: export.run(experiment), path, written, experiment.workdir


def test_the_same_command_finds_the_version_of_the_killed_one(stage, capsys):
    run, path, written, workdir = stage
    run()
    # Killed before it was recorded: what it goes on from is still there.
    run()
    assert written == [1]
    assert capsys.readouterr().out.count(str(path / "1")) == 2
    # A stage that ended and is done anew writes the next.
    workdir.remove_parts("export")
    run()
    assert written == [1, 2]


def test_a_version_of_somebody_else_is_not_taken_for_its_own(stage):
    run, path, written, workdir = stage
    files.write_json(workdir.parts("export") / "versions.json", [])
    files.write_json(path / "1/assets.extra/description.json", {**FACTS, "config_digest": "b"})
    (path / "2").mkdir()
    run()
    assert written == [2]
