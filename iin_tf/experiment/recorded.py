"""The config of a finished run, as its workdir has written it down."""

from collections.abc import Mapping
from typing import Any

from ml_collections import ConfigDict

from iin_tf.checks import InputError, shown
from iin_tf.experiment.config import check_values, default_config, key_paths
from iin_tf.experiment.workdir import Workdir


def recorded_config(workdir: Workdir) -> ConfigDict:
    """What the stages of a workdir were done with; what none of them depends on is default.

    Args:
      workdir: Workdir; it is only read.

    Raises:
      InputError: its stage train is not done.
    """
    done = workdir.done()
    if "train" not in done:
        raise InputError(
            f"stage 'train' is not done in {str(workdir.path)!r}; give the workdir of an iin_run"
        )
    # The network's own last, where another stage was done otherwise.
    return config_of(
        {key: value for flat in (*done.values(), done["train"]) for key, value in flat.items()}
    )


def config_of(values: Mapping[str, Any]) -> ConfigDict:
    """The config that has these values of JSON, and the defaults elsewhere.

    Args:
      values: dotted key -> value; what is no key is left out.

    Raises:
      InputError: a value that its key does not take.
    """
    config, known = default_config(), key_paths()
    with config.unlocked():
        for path, value in values.items():
            if path in known:
                # JSON has no tuples.
                is_tuple = isinstance(known[path].default, tuple) and isinstance(value, list)
                section, _, key = path.rpartition(".")
                holder = config[section] if section else config
                try:
                    holder[key] = tuple(value) if is_tuple else value
                except (TypeError, ValueError) as error:
                    raise InputError(f"{path} is {shown(value)}; {error}") from error
    check_values(config)
    return config
