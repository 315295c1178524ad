"""What the programs do, once their flags have been read."""

import dataclasses
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from absl import flags
from ml_collections import ConfigDict, config_flags

from iin_tf.checks import InputError
from iin_tf.workers.supervisor import is_supervised, supervise


def stages(
    names: Sequence[str] | None, afterwards: Callable[[ConfigDict, str], None] | None
) -> None:
    """Runs the stages `names`, None for all; or makes the run of a report again."""
    given = flags.FLAGS
    if given.supervise and not is_supervised():
        sys.exit(supervise(given.supervise))
    from iin_tf.experiment.run import run_stages

    if names is None and given.from_report is not None:
        from iin_tf.experiment.again import run_again

        run_again(given.from_report, given.workdir, given.strategy, given.overwrite)
        return
    config = given_config(given.config)
    how = {"strategy": given.strategy, "overwrite": given.overwrite}
    if names and _in_shards(config, given, names[-1], how):
        return
    if names is None and given.seeds is not None:
        from iin_tf.experiment.repeat import run_seeds

        run_seeds(config, given.workdir, given.seeds, **how)
        print(f"[iin] mean and spread over seeds: iin_compare {given.workdir}", flush=True)
    else:
        run_stages(config, given.workdir, names, **how)
        if afterwards is not None:
            afterwards(config, given.workdir)


def _in_shards(config, given, stage, how):
    """Whether the flags ask for a shard or for putting shards together, which is done then."""
    if "shard" not in given or not (given.shard or given.merge):
        return False
    from iin_tf.experiment.run import run_stages
    from iin_tf.experiment.shard import parse_shard
    from iin_tf.experiment.shards import run_shard

    if given.shard and given.merge:
        raise InputError("shard and merge are both given; merge when every shard is done")
    if given.merge:
        run_stages(config, given.workdir, [stage], **how, merge=True)
    else:
        run_shard(config, given.workdir, stage, parse_shard(given.shard), **how)
    return True


def given_config(config: ConfigDict) -> ConfigDict:
    """The config of the command line.

    Its file may define get_data, get_first_stage and get_callbacks beside get_config.  A key that
    the command line gives a value does not follow the data.
    """
    from iin_tf.experiment.automatic_keys import automatic, automatic_keys, not_given
    from iin_tf.experiment.own_code import has_callbacks, is_own

    path = config_flags.get_config_filename(flags.FLAGS["config"]).partition(":")[0]
    if not config.get("code", None) and (is_own(config) or has_callbacks(path)):
        with config.unlocked():
            config.code = path
    if not config.get("auto", ()):
        return config
    automatic(config.auto, "auto")
    left = not_given(config.auto, config_flags.get_override_values(flags.FLAGS["config"]))
    if left != automatic_keys(config.auto):
        config.auto = left
    return config


def compare(argv: Sequence[str]) -> None:
    """Writes the page that compares the runs on the command line."""
    from iin_tf.experiment.compared_runs import load_runs
    from iin_tf.experiment.comparison import check_output, write_comparison

    given = flags.FLAGS
    output = given.output
    check_output(output)
    for warning in write_comparison(load_runs(argv[1:]), output, given.table, given.figures):
        print(f"[iin] warning: {warning}", file=sys.stderr, flush=True)
    print(f"[iin] {os.path.join(output, 'compare.html')}", flush=True)


def edit(argv: Sequence[str]) -> None:
    """Edits the images that the flags name."""
    from iin_tf.experiment.edit_inputs import Edit
    from iin_tf.experiment.editing import edit_images

    given = flags.FLAGS
    if len(argv) > 1:
        raise InputError(f"{argv[1]!r} is not a flag; see --help")
    names = [field.name for field in dataclasses.fields(Edit) if field.name != "factors"]
    values: dict[str, Any] = {name: given[name].value for name in names}
    asked = Edit(factors=given.factor, **values)
    config = given_config(given.config) if given["config"].present else None
    for path in edit_images(given.workdir, asked, config):
        print(f"[iin] {path}", flush=True)
