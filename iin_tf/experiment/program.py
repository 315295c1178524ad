"""The command line that all programs share: flags, exit codes, one line of error."""

import os
import sys
import traceback

from absl import app, flags
from ml_collections import config_flags

WRONG_INPUT, FAILURE = 2, 1

# The flags count as the program's own, so that its --help shows them.
flags.disclaim_key_flags()


def run_program(description, stages=None):
    """Runs `stages` of an experiment as the command line asks, and exits.

    Exit code 0, or with one line on standard error 2 for wrong input, 1 for a failure.

    Args:
      description: what the program does; `--help` shows it.
      stages: names of the stages, None for those of a whole experiment; what they need beside
        must be done already.
    """
    config_flags.DEFINE_config_file(
        "config",
        None,
        "A file of configs/, or your own; --config.training.steps=100 changes a key.",
    )
    flags.DEFINE_string("workdir", None, "Where the experiment lives; made if missing.")
    flags.DEFINE_enum(
        "strategy", "none", ["none", "mirrored"], "Train on one device, or on all of this machine."
    )
    flags.DEFINE_bool("overwrite", False, "Do stages again that were done with another config.")
    flags.mark_flags_as_required(["config", "workdir"])
    # TensorFlow's start-up notices would bury the progress that is printed.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    _start(description, lambda _: _run_stages(stages), _parse_config)


def run_comparison(description):
    """Compares the runs whose workdirs are on the command line, and exits as `run_program`."""
    flags.DEFINE_string("output", "comparison", "Directory of the page and the table.")
    _start(description, _compare, _parse)


def _start(description, main, parser):
    flags.DEFINE_bool("traceback", False, "Show where an error comes from.")
    sys.modules["__main__"].__doc__ = description
    app.run(lambda argv: _guarded(main, argv), flags_parser=parser)


def _parse(argv):
    try:
        return flags.FLAGS(argv)
    except Exception as error:
        _exit(error, WRONG_INPUT)


def _parse_config(argv):
    try:
        remaining = flags.FLAGS(argv)
        if "--help" not in argv:
            # A file that failed to load says so at its first use: here it is wrong input.
            flags.FLAGS.config.lock()
    except Exception as error:
        _exit(error, WRONG_INPUT)
    if len(remaining) > 1:
        _exit(ValueError(f"{remaining[1]!r} is not a flag; see --help"), WRONG_INPUT)
    return remaining


def _run_stages(stages):
    from iin_tf.experiment.run import run_stages

    given = flags.FLAGS
    run_stages(
        given.config,
        given.workdir,
        stages,
        strategy=given.strategy,
        overwrite=given.overwrite,
    )


def _compare(argv):
    from iin_tf.experiment.comparison import check_output, load_runs, write_comparison

    output = flags.FLAGS.output
    check_output(output)
    for warning in write_comparison(load_runs(argv[1:]), output):
        print(f"[iin] warning: {warning}", file=sys.stderr, flush=True)
    print(f"[iin] {os.path.join(output, 'compare.html')}", flush=True)


def _guarded(main, argv):
    try:
        main(argv)
    except ValueError as error:
        _exit(error, WRONG_INPUT)
    except KeyboardInterrupt:
        _exit(RuntimeError("interrupted; the same command goes on from here"), FAILURE)
    except Exception as error:
        _exit(error, FAILURE)


def _exit(error, code):
    if flags.FLAGS.is_parsed() and flags.FLAGS.traceback:
        traceback.print_exception(error)
    line = " ".join(str(error).split()) or type(error).__name__
    print(f"error: {line}", file=sys.stderr)
    sys.exit(code)
