"""The command line that all programs share: flags, exit codes, one line of error."""

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence

from absl import app, flags
from ml_collections import ConfigDict, config_flags

from iin_tf import interruption
from iin_tf.checks import InputError, said
from iin_tf.experiment import jobs
from iin_tf.experiment.closed_output import is_unread, quiet_when_unread
from iin_tf.experiment.config_file import explain_config
from iin_tf.experiment.disk_faults import disk_fault
from iin_tf.experiment.own_errors import own_fault
from iin_tf.versions import library_versions
from iin_tf.workers.supervisor import WORKER_LOST, WorkerLost

WRONG_INPUT, FAILURE = 2, 1
_REPORT = "if you think that iin_tf is at fault, report this line and what --traceback shows"

# The flags count as the program's own, so that its --help shows them.
flags.disclaim_key_flags()


def run_program(
    description: str,
    stages: Sequence[str] | None = None,
    afterwards: Callable[[ConfigDict, str], None] | None = None,
    shards: bool = False,
) -> None:
    """Runs `stages` of an experiment as the command line asks, and exits.

    Exit code 0, or with one line on standard error 2 for wrong input, 1 for a failure.

    Args:
      description: what the program does; `--help` shows it.
      stages: names of the stages, None for those of a whole experiment; what they need beside
        must be done already.
      afterwards: function of config and workdir, called when they are done.
      shards: whether the last of them can be done in shards.
    """
    config_flags.DEFINE_config_file(
        "config",
        None,
        "A file of configs/, or your own; --config.training.steps=100 changes a key.",
    )
    flags.DEFINE_string("workdir", None, "Where the experiment lives; made if missing.")
    flags.DEFINE_enum(
        "strategy",
        "none",
        ["none", "mirrored", "multi_worker"],
        "Train on one device, on all of this machine, or with the workers of TF_CONFIG or Slurm.",
    )
    flags.DEFINE_integer(
        "supervise",
        0,
        "Start again, so many times at most, when this is killed or another worker is.",
    )
    flags.DEFINE_bool("overwrite", False, "Do stages again that were done with another config.")
    if stages is None:
        flags.DEFINE_integer(
            "seeds",
            None,
            "Train on so many seeds, in workdir/seed_0, seed_1, ...",
        )
        flags.DEFINE_string(
            "from_report", None, "A report.html in place of a config: its run is made again."
        )
    if shards:
        flags.DEFINE_string(
            "shard", None, "i/n: part i, from 0 on, of n of the work; several at the same time."
        )
        flags.DEFINE_bool("merge", False, "Put together what was done by --shard.")
    flags.mark_flags_as_required(["workdir"] if stages is None else ["config", "workdir"])
    # TensorFlow's start-up notices would bury the progress that is printed.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    start_program(description, lambda _: jobs.stages(stages, afterwards), _parse_config)


def run_export(description: str) -> None:
    """Runs the stage export, checks its result or writes it for a hub, and exits the same way."""
    flags.DEFINE_bool("verify", False, "Compare every signature with the network, by itself.")
    flags.DEFINE_string("hub_folder", None, "A folder for a model hub, with a card; no upload.")
    run_program(description, ["export"], _after_export)


def _after_export(config, workdir):
    from iin_tf.experiment import exported

    given = flags.FLAGS
    if given.verify:
        exported.verify_export(config, workdir)
    if given.hub_folder:
        exported.write_hub_folder(config, workdir, given.hub_folder)


def run_comparison(description: str) -> None:
    """Compares the runs whose workdirs are on the command line, and exits as `run_program`."""
    flags.DEFINE_string("output", "comparison", "Directory of page, table and figures.")
    flags.DEFINE_enum("table", "markdown", ["markdown", "latex", "csv"], "Form of the table.")
    flags.DEFINE_enum("figures", "png", ["png", "pdf", "svg"], "Format of the figures.")
    start_program(description, jobs.compare)


def run_edit(description: str) -> None:
    """Edits images with the network of a finished run, and exits as `run_program`."""
    config_flags.DEFINE_config_file(
        "config", None, "Of the run, where it has functions of its own; else the workdir knows it."
    )
    flags.DEFINE_string("workdir", None, "Of a finished run; it is only read.")
    flags.DEFINE_string("image", None, "An image file, a folder of them, or an id of the data set.")
    flags.DEFINE_string("donor", None, "An image file, or an id: the image gets its factor.")
    flags.DEFINE_list("factor", None, "The factor to exchange, or several: digit,color.")
    flags.DEFINE_string("output", "edited", "The folder to write.")
    flags.DEFINE_integer("steps", 8, "Tiles of the strip.")
    flags.DEFINE_enum("path", "line", ["line", "sphere"], "Straight, or along a great circle.")
    flags.DEFINE_enum(
        "resize", "refuse", ["refuse", "crop", "fit", "stretch"], "What to do with other sizes."
    )
    flags.DEFINE_enum("split", "test", ["test", "train"], "Of the ids.")
    flags.DEFINE_bool("overwrite", False, "Replace an output that is there.")
    flags.mark_flags_as_required(["workdir", "image", "donor", "factor"])
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    start_program(description, jobs.edit)


def run_server(description: str) -> None:
    """Serves the exports whose directories are on the command line, and exits as `run_program`."""
    from iin_tf.serving.server import program

    program.define_flags()
    start_program(description, program.serve)


def start_program(
    description: str, main: Callable[[list[str]], None], parser: Callable | None = None
) -> None:
    """Runs `main` as a program, with the flags that all have, and exits as `run_program`.

    Args:
      description: what the program does; `--help` shows it.
      main: function of what is left of the command line, the program's name first.
      parser: function of the command line that reads the flags; None for plain flags.
    """
    flags.DEFINE_bool("traceback", False, "Show where an error comes from.")
    flags.DEFINE_bool("version", False, "Print the versions of the package and its libraries.")
    sys.modules["__main__"].__doc__ = description
    with quiet_when_unread():
        _start(main, parser or _parse)


def _start(main, parser):
    asked = sys.argv[1:]
    if {"--help", "-h", "--helpshort", "--helpfull"} & set(asked):
        # absl would leave with 1, as if to ask were a mistake.
        app.usage(shorthelp="--helpfull" not in asked, writeto_stdout=True)
        sys.exit(0)
    if "--version" in asked:
        versions = library_versions()
        print(", ".join(f"{name} {version}" for name, version in versions.items()))
        sys.exit(0)
    app.run(lambda argv: _guarded(main, argv), flags_parser=parser)


def _parse(argv):
    try:
        return flags.FLAGS(argv)
    except flags.Error as error:
        _exit(InputError(f"{error}; see --help"))


def _parse_config(argv):
    try:
        remaining = flags.FLAGS(argv)
        _check_origin()
        # A file that failed to load says so at its first use.
        if flags.FLAGS["config"].present:
            flags.FLAGS.config.lock()
    except Exception as error:
        _exit(_wrong_flags(argv, error))
    if len(remaining) > 1:
        _exit(InputError(f"{remaining[1]!r} is not a flag; see --help"))
    return remaining


def _check_origin():
    """Refuses a command line with two configs, or none."""
    given = flags.FLAGS
    report = "from_report" in given and given["from_report"].present
    if report and given["config"].present:
        raise InputError("config and from_report are both given; give one of them")
    if not report and not given["config"].present:
        raise InputError("config is not given; give --config=FILE; see --help")


def _wrong_flags(argv, error):
    if isinstance(error, InputError):
        return error
    try:
        explain_config(argv)
    except InputError as explained:
        return explained
    return InputError(f"{error}; see --help")


def _guarded(main, argv):
    # One line each; where in the code they come from is nothing that users could change.
    warnings.formatwarning = lambda message, *_, **__: f"warning: {message}\n"
    try:
        with interruption.at_once():
            main(argv)
    except WorkerLost as error:
        _leave(error, WORKER_LOST)
    except interruption.Interrupted as error:
        _leave(f"stopped by {error.signal_name}; the same command goes on from here", error.code)
    except Exception as error:
        if is_unread(error):
            raise
        _exit(error)


def _exit(error):
    """Leaves with 2 for a user's mistake, and with 1 for anything else, each said on one line."""
    if flags.FLAGS.is_parsed() and flags.FLAGS.traceback:
        traceback.print_exception(error)
    if isinstance(error, InputError):
        _leave(error, WRONG_INPUT)
    disk = disk_fault(error)
    if disk:
        _leave(disk, WRONG_INPUT)
    own = own_fault(error)
    if own:
        _leave(f"{own}; that is your own code: mend it, --traceback shows more", FAILURE)
    _leave(f"{said(error)}; {_REPORT}", FAILURE)


def _leave(message, code):
    print(f"error: {' '.join(str(message).split())}", file=sys.stderr)
    sys.exit(code)
