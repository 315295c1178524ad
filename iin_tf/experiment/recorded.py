"""The config of a finished run, as its workdir has written it down."""

from ml_collections import ConfigDict

from iin_tf.checks import InputError
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
    config, known = default_config(), key_paths()
    # The network's own last, where another stage was done otherwise.
    values = {key: value for flat in (*done.values(), done["train"]) for key, value in flat.items()}
    with config.unlocked():
        for path, value in values.items():
            if path in known:
                # JSON has no tuples.
                is_tuple = isinstance(known[path].default, tuple)
                section, _, key = path.rpartition(".")
                holder = config[section] if section else config
                holder[key] = tuple(value) if is_tuple else value
    check_values(config)
    return config
