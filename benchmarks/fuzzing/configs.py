"""Config files and the flags that override them, as the programs take them."""

import contextlib
import io
from pathlib import Path

import numpy as np
from absl import flags
from ml_collections import config_flags

from fuzzing.mutations import NUMBERS, ODD_NUMBERS, TEXTS, any_value, changed_bytes, changed_text
from iin_tf.checks import InputError
from iin_tf.experiment import default_config, program
from iin_tf.experiment.checks import check_config
from iin_tf.experiment.config import key_paths

SMOKE = Path(__file__).parents[2] / "configs" / "smoke.py"


def config_overrides(random: np.random.Generator, folder: Path) -> None:
    """Flags --config.KEY=VALUE, or the same values set in Python."""
    keys = [*key_paths()]
    if random.random() < 0.5:
        config = default_config()
        with config.unlocked():
            for key in random.choice(keys, random.integers(1, 4)):
                section, _, name = str(key).rpartition(".")
                # A type that the key does not take is refused by ml_collections itself.
                with contextlib.suppress(TypeError, ValueError, KeyError):
                    (config[section] if section else config)[name] = any_value(random)
        check_config(config)
        return
    overrides = []
    for key in random.choice(keys, random.integers(1, 4)):
        key = str(key) if random.random() < 0.8 else changed_text(random, str(key))
        values = [*TEXTS, *map(str, (*NUMBERS, *ODD_NUMBERS)), "(1,", "(1,2)", "('a',)", "{}"]
        overrides.append(f"--config.{key}={values[random.integers(len(values))]}")
    _command(SMOKE, overrides)


def config_files(random: np.random.Generator, folder: Path) -> None:
    """The smoke test's config with something changed."""
    path = folder / "own.py"
    content = SMOKE.read_bytes()
    if random.random() < 0.3:
        path.write_bytes(changed_bytes(random, content))
    else:
        text = changed_text(random, content.decode())
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    _command(path, [])


def _command(path, overrides):
    """What a program does with these flags, up to the check of its config."""
    given, flags.FLAGS = flags.FLAGS, flags.FlagValues()
    program.flags.FLAGS = flags.FLAGS
    said = io.StringIO()
    try:
        flags.DEFINE_bool("traceback", False, "", flag_values=flags.FLAGS)
        config_flags.DEFINE_config_file("config", flag_values=flags.FLAGS)
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            program._parse_config(["program", f"--config={path}", *overrides])
            program._guarded(lambda _: check_config(flags.FLAGS.config), [])
    except SystemExit as left:
        text = said.getvalue()
        lines = [line for line in text.splitlines() if not line.startswith("warning: ")]
        if left.code != 2 or len(lines) != 1 or not lines[0].startswith("error: "):
            raise AssertionError(f"exit code {left.code}, standard error {text[:500]!r}") from None
        raise InputError(lines[0]) from None
    finally:
        flags.FLAGS = program.flags.FLAGS = given
