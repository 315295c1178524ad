"""The wheel is whole: installed elsewhere, its programs run without the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import iin_tf

ROOT = Path(__file__).parents[1]
PROGRAMS = {path.name for path in (ROOT / "bin").glob("iin_*")}
PARTS = ("iin_tf", "bin", "setup.py", "pyproject.toml", "README.md", "LICENSE")

pytestmark = pytest.mark.slow


def run(*command, cwd):
    """A finished process that knows nothing of the checkout."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy: setuptools leaves what it builds beside the source."""
    folder = tmp_path_factory.mktemp("wheel")
    ignore = shutil.ignore_patterns("__pycache__")
    for part in PARTS:
        path = ROOT / part
        copy = shutil.copytree if path.is_dir() else shutil.copy
        copy(path, folder / part, **({"ignore": ignore} if path.is_dir() else {}))
    built = run(
        sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir=dist", ".", cwd=folder
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """The programs' folder of a fresh environment with the wheel and today's libraries."""
    folder = tmp_path_factory.mktemp("environment")
    commands = [
        (sys.executable, "-m", "venv", "--without-pip", folder),
        (sys.executable, "-m", "pip", "--python", folder / "bin/python", "install",
         "--no-deps", "--no-index", wheel),
    ]  # fmt: skip
    for command in commands:
        done = run(*command, cwd=folder)
        assert done.returncode == 0, done.stderr
    # After the wheel: pip must not take a package of the libraries for one of this environment.
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return folder / "bin"


def test_it_holds_every_file_of_the_package_and_every_program(wheel):
    names = {Path(name) for name in zipfile.ZipFile(wheel).namelist()}
    files = (path for path in (ROOT / "iin_tf").rglob("*") if path.is_file())
    wanted = {path.relative_to(ROOT) for path in files if "__pycache__" not in path.parts}
    assert {path.suffix for path in wanted} >= {".py", ".html", ".typed"}
    assert wanted == {path for path in names if path.parts[0] == "iin_tf"}
    assert {path.name for path in names if "scripts" in path.parts} == PROGRAMS


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_its_programs_know_their_help(environment, tmp_path, program):
    done = run(environment / program, "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"Example:\n  {program} " in done.stdout


def test_it_runs_an_experiment(environment, tmp_path):
    where = run(environment / "python", "-c", "import iin_tf; print(iin_tf.__file__)", cwd=tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(environment.parent)
    version = run(environment / "iin_run", "--version", cwd=tmp_path)
    assert version.stdout.startswith(f"iin_tf {iin_tf.__version__}, ")
    config = f"--config={ROOT / 'configs/smoke.py'}"
    done = run(environment / "iin_run", config, "--workdir=smoke", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "<html" in (tmp_path / "smoke/evaluation/report.html").read_text()
    assert (tmp_path / "saved_models/smoke/1/saved_model.pb").exists()
