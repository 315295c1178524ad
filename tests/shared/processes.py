"""Code and programs in processes of their own that need not load TensorFlow each.

What TensorFlow's own log says may stand in their standard error.
"""

import multiprocessing
import os
import runpy
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
# One process loads these, and is forked for each that is asked for.  iin_tf is not among them:
# everybody loads that anew.
_LOADED = ["tensorflow", "tensorflow_probability", "keras", "matplotlib.pyplot", "sklearn.svm"]


@dataclass(frozen=True)
class Ended:
    """A process that ended: its exit code, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def run_code(code: str, *arguments: object, folder: Path = ROOT) -> Ended:
    """Runs Python code in a folder, as `python -c` does."""
    return _run(_code, folder, code, *map(str, arguments))


def run_program(program: str, *flags: object, folder: Path = ROOT) -> Ended:
    """Runs one of bin/ in a folder, as a shell does."""
    return _run(_program, folder, str(ROOT / "bin" / program), *map(str, flags))


def _run(work, folder, *given):
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(_LOADED)
    with TemporaryDirectory() as written:
        files = [os.path.join(written, name) for name in ("out", "err")]
        process = server.Process(target=_begin, args=(files, str(folder), work, given))
        process.start()
        process.join()
        texts = [Path(name).read_text() for name in files]
    return Ended(process.exitcode, *texts)


def _begin(files, folder, work, given):
    for name, handle in zip(files, (1, 2), strict=True):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), handle)
    os.chdir(folder)
    os.environ["PYTHONPATH"] = str(ROOT)
    work(*given)


def _code(code, *arguments):
    sys.argv = ["-c", *arguments]
    sys.path.insert(0, "")
    main = sys.modules["__main__"]
    vars(main).pop("__file__", None)
    exec(compile(code, "<string>", "exec"), vars(main))


def _program(path, *flags):
    sys.argv = [path, *flags]
    runpy.run_path(path, run_name="__main__")
