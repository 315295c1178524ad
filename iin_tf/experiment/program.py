"""The command line that all programs share: flags, exit codes, one line of error."""

import os
import sys
import traceback

from absl import app, flags
from ml_collections import config_flags

WRONG_INPUT, FAILURE = 2, 1

_CONFIG = config_flags.DEFINE_config_file(
    "config", None, "A file of configs/, or your own; --config.training.steps=100 changes a key."
)
_WORKDIR = flags.DEFINE_string("workdir", None, "Where the experiment lives; made if missing.")
_STRATEGY = flags.DEFINE_enum(
    "strategy", "none", ["none", "mirrored"], "Train on one device, or on all of this machine."
)
_OVERWRITE = flags.DEFINE_bool(
    "overwrite", False, "Do stages again that were done with another config."
)
_TRACEBACK = flags.DEFINE_bool("traceback", False, "Show where an error comes from.")


def run_program(description, stages):
    """Runs `stages` of an experiment as the command line asks, and exits.

    Exit code 0, or with one line on standard error 2 for wrong input, 1 for a failure.

    Args:
      description: what the program does; `--help` shows it.
      stages: names of the stages; what stands before them must be done already.
    """
    sys.modules["__main__"].__doc__ = description
    # TensorFlow's start-up notices would bury the progress that is printed.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    app.run(lambda _: _run(stages), flags_parser=_parse)


def _parse(argv):
    try:
        flags.mark_flags_as_required(["config", "workdir"])
        remaining = flags.FLAGS(argv)
    # A config is a Python file: whatever it raises is wrong input.
    except Exception as error:
        _exit(error, WRONG_INPUT)
    if len(remaining) > 1:
        _exit(ValueError(f"{remaining[1]!r} is not a flag; see --help"), WRONG_INPUT)
    return remaining


def _run(stages):
    from iin_tf.experiment.run import run_stages

    try:
        run_stages(
            _CONFIG.value,
            _WORKDIR.value,
            stages,
            strategy=_STRATEGY.value,
            overwrite=_OVERWRITE.value,
        )
    except ValueError as error:
        _exit(error, WRONG_INPUT)
    except KeyboardInterrupt:
        _exit(RuntimeError("interrupted; the same command goes on from here"), FAILURE)
    except Exception as error:
        _exit(error, FAILURE)


def _exit(error, code):
    if flags.FLAGS.is_parsed() and _TRACEBACK.value:
        traceback.print_exception(error)
    line = " ".join(str(error).split()) or type(error).__name__
    print(f"error: {line}", file=sys.stderr)
    sys.exit(code)
