"""The command line of the explorer."""

import os

from absl import flags
from ml_collections import config_flags

from iin_tf.checks import InputError
from iin_tf.experiment.jobs import given_config
from iin_tf.experiment.program import start_program

# The flags count as the program's own, so that its --help shows them.
flags.disclaim_key_flags()


def run_explore(description: str) -> None:
    """Serves the explorer until it is interrupted, and exits as `run_program`.

    Args:
      description: what the program does; `--help` shows it.
    """
    config_flags.DEFINE_config_file(
        "config", None, "Of the run, where it has functions of its own; else the workdir knows it."
    )
    flags.DEFINE_string("workdir", None, "Of a finished run; it is only read.")
    flags.DEFINE_string(
        "url", None, "In place of a workdir: of a served export, http://HOST:8501/v1/models/NAME."
    )
    flags.DEFINE_integer("port", 7860, "Of the page.")
    flags.DEFINE_string("host", "127.0.0.1", "Where it listens; 0.0.0.0 lets others in.")
    flags.DEFINE_enum(
        "resize",
        "crop",
        ["refuse", "crop", "fit", "stretch"],
        "What to do with images of your own of another size.",
    )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    start_program(description, _explore)


def _explore(argv: list[str]) -> None:
    from iin_tf.explorer.launch import check_port, check_toolkit, launch

    given = flags.FLAGS
    if len(argv) > 1:
        raise InputError(f"{argv[1]!r} is not a flag; see --help")
    if (given.workdir is None) == (given.url is None):
        raise InputError("give one of --workdir, of a finished run, and --url, of a served export")
    # What would stop it later is said before anything is loaded.
    check_toolkit()
    check_port(given.port, given.host)
    launch(_opened(given), given.port, given.host)


def _opened(given):
    from iin_tf.explorer import open_served, open_workdir

    if given.url is not None:
        return open_served(given.url, given.resize)
    config = given_config(given.config) if given["config"].present else None
    return open_workdir(given.workdir, config, given.resize)
