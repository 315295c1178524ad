"""A stage in shards: each is done by a process that speaks to no other."""

import importlib
import os

from ml_collections import ConfigDict

from iin_tf.checks import InputError
from iin_tf.experiment.checks import check_config
from iin_tf.experiment.run import check_needed, say
from iin_tf.experiment.shard import Shard, shard_workdir
from iin_tf.experiment.stages.registry import find_stage, flat_config
from iin_tf.experiment.workdir import StaleStage, Workdir
from iin_tf.locks import one_of_many, only_writer
from iin_tf.temporaries import sweep


def run_shard(
    config: ConfigDict,
    workdir: str | os.PathLike,
    stage: str,
    shard: Shard,
    strategy: str = "none",
    overwrite: bool = False,
) -> None:
    """Does one shard of a stage; `run_stages` with `merge` puts all of them together.

    Shards of one stage may run at the same time, on any machine that sees `workdir`.

    Args:
      config: ConfigDict with the keys of `default_config`.
      workdir: directory of the experiment, in which all that the stage needs is done.
      stage: its name.
      shard: which of how many.
      strategy: as in `run_stages`.
      overwrite: do the shard again where it was done with another config.

    Raises:
      InputError: the config cannot be used; a stage that has no shards; what it needs is not
        done; the same shard runs already, or something else in `workdir`.
      StaleStage: the shard was done with another config.
    """
    check_config(config)
    if strategy == "multi_worker":
        raise InputError("strategy is 'multi_worker'; shards are for processes that do not talk")
    found, flat = find_stage(stage), flat_config(config, stage)
    if not found.shards:
        raise InputError(f"stage {stage!r} has no shards; run it whole")
    if found.check is not None:
        found.check(config)
    place = Workdir(workdir)
    place.make()
    own = shard_workdir(place, stage, shard)
    with one_of_many(place.path):
        check_needed(config, place, stage)
        own.make()
        with only_writer(own.path):
            sweep(own.path)
            _do(config, place, own, found, flat, shard, strategy, overwrite)


def _do(config, place, own, stage, flat, shard, strategy, overwrite):
    from iin_tf.experiment.experiment import Experiment

    name, parts = f"{stage.name} {shard}", (f"parts/{stage.name}",)
    try:
        if own.is_done(stage.name, flat, parts):
            say(f"{name}: done before, skipped")
            return
    except StaleStage:
        if not overwrite:
            raise
        own.forget([stage.name], parts)
    own.begin(stage.name, flat, parts)
    say(f"{name}: begins")
    module = importlib.import_module(stage.run)
    module.run_shard(Experiment(config, place, strategy, own), shard)
    own.mark(stage.name, flat)
    say(f"{name}: done")
