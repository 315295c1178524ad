"""Runs the stages of an experiment, and skips those that are done."""

import importlib
import os
import time
from collections.abc import Sequence

from ml_collections import ConfigDict

from iin_tf.checks import InputError
from iin_tf.experiment.checks import check_config
from iin_tf.experiment.shard import done_shards
from iin_tf.experiment.stages.registry import (
    closure,
    default_stages,
    dependents,
    find_stage,
    flat_config,
)
from iin_tf.experiment.workdir import StaleStage, Workdir
from iin_tf.locks import only_writer
from iin_tf.temporaries import sweep
from iin_tf.versions import library_versions
from iin_tf.workers.cluster import cluster_of
from iin_tf.workers.supervisor import WorkerLost


def run_stages(
    config: ConfigDict,
    workdir: str | os.PathLike,
    stages: Sequence[str] | None = None,
    strategy: str = "none",
    overwrite: bool = False,
    merge: bool = False,
) -> None:
    """Runs `stages` of the experiment in `workdir`, each after what it needs.

    The whole config is checked before the first stage begins.

    Args:
      config: ConfigDict with the keys of `default_config`.
      workdir: directory of the experiment; made if there is none.
      stages: names of the stages to run, None for all of a whole experiment; what they need
        and is not among them must be done.
      strategy: "none", "mirrored" (every device of this machine), or "multi_worker" (with the
        workers that TF_CONFIG or Slurm name, each of which runs the same; the first one writes).
      overwrite: do a stage again, and all that build on it, where its config has changed.
      merge: put together what `run_shard` did of these stages.

    Raises:
      InputError: the config cannot be used; an unknown stage; one that is needed is not done,
        or was done with another config; a shard is missing; another process runs stages in
        `workdir`.
    """
    check_config(config)
    asked = set(default_stages() if stages is None else stages)
    order = [name for name in closure(*asked) if _applies(name, config, name in asked)]
    flat = {name: flat_config(config, name) for name in order}
    for name in order:
        check = find_stage(name).check
        if check is not None:
            check(config)
    is_chief = _check_strategy(strategy, order, asked)
    place = Workdir(workdir)
    place.make()
    if not is_chief:
        _follow(config, place, order, asked, flat, strategy, overwrite)
        return
    with only_writer(place.path):
        _run_all(config, place, order, asked, flat, strategy, overwrite, merge)


def _run_all(config, place, order, asked, flat, strategy, overwrite, merge):
    # What earlier runs left that were killed.
    sweep(place.path)
    shards = {name: _done_shards(place, name, flat[name]) for name in asked if merge}
    for name in order:
        _check_state(place, name, flat[name], name in asked, overwrite)
    experiment = None
    for name in order:
        if name not in asked:
            continue
        if place.is_done(name, flat[name], _resumed(name)):
            place.remove_parts(name)
            say(f"{name}: done before{_with_others(place, name)}, skipped")
            continue
        if experiment is None:
            from iin_tf.experiment.experiment import Experiment

            experiment = Experiment(config, place, strategy)
        _run(experiment, find_stage(name), flat[name], shards.get(name))


def _check_strategy(strategy, order, asked):
    """Whether this process is the one that writes."""
    if strategy != "multi_worker":
        return True
    alone = [name for name in order if name in asked and not find_stage(name).workers]
    if alone:
        raise InputError(
            f"strategy is 'multi_worker', and stage {alone[0]!r} is none that several workers do "
            "together; run it on one machine, or in shards"
        )
    return cluster_of(os.environ).is_chief


def _follow(config, place, order, asked, flat, strategy, overwrite):
    """What workers beside the chief do: they take part in what it begins, and write nothing."""
    todo = []
    for name in order:
        try:
            done = place.is_done(name, flat[name], _resumed(name))
        except StaleStage:
            if not (name in asked and overwrite):
                raise
            done = False
        if not done and name not in asked:
            raise _not_done(place, name)
        todo += [] if done else [name]
    if not todo:
        return
    from iin_tf.experiment.experiment import Experiment

    experiment = Experiment(config, place, strategy)
    for name in todo:
        _work(experiment, find_stage(name))
        try:
            # Until the chief has put down that it is done.
            experiment.workers.wait()
        except WorkerLost:
            # It may leave first.
            if not place.is_done(name, flat[name]):
                raise


def _work(experiment, stage):
    # What another config has left is gone when all have come here.
    experiment.workers.wait()
    with experiment.workers.telling_loss():
        run = stage.run
        (run if callable(run) else importlib.import_module(run).run)(experiment)


def default_order(config: ConfigDict) -> list[str]:
    """The stages of a whole experiment that have anything to do for this config, in order."""
    return [name for name in default_stages() if find_stage(name).applies(config.to_dict())]


def forget_stages(workdir: Workdir, stages: Sequence[str]) -> None:
    """Records that `stages` are not done, and removes what they left to go on from."""
    workdir.forget(stages, [name for stage in stages for name in _resumed(stage)])


def check_needed(config: ConfigDict, workdir: Workdir, stage: str) -> None:
    """Checks that all that `stage` needs is done.

    Raises:
      InputError: something is not, or was done with another config.
    """
    for name in closure(stage):
        if name != stage and _applies(name, config, asked=False):
            _check_state(workdir, name, flat_config(config, name), asked=False, overwrite=False)


def say(text: str) -> None:
    """Prints one line of progress."""
    print(f"[iin] {text}", flush=True)


def _applies(name, config, asked):
    """Whether a stage has anything to do; where it was asked for and has not, that is said."""
    applies = find_stage(name).applies(config.to_dict())
    if asked and not applies:
        say(f"{name}: nothing to do for this config")
    return applies


def _check_state(workdir, name, flat, asked, overwrite):
    """Refuses what is stale, or forgets it where it may be done again; before anything runs."""
    try:
        done = workdir.is_done(name, flat, _resumed(name))
    except StaleStage:
        if not (asked and overwrite):
            raise
        forget_stages(workdir, (name, *dependents(name)))
        return
    if not done and not asked:
        raise _not_done(workdir, name)


def _not_done(workdir, name):
    return InputError(
        f"stage {name!r} is not done in {workdir.path}; run it first, or iin_run for all"
    )


def _done_shards(place, name, flat):
    """The shards to put together; None where that has been done."""
    try:
        if place.is_done(name, flat, _resumed(name)):
            return None
    except StaleStage:
        # Whether it may be done again is said once it can be.
        pass
    return done_shards(place, name, flat)


def _run(experiment, stage, flat, shards):
    started = time.monotonic()
    say(f"{stage.name}: begins")
    experiment.workdir.begin(stage.name, flat, _resumed(stage.name))
    if shards is not None:
        experiment.workdir.take_parts(stage.name, shards)
    _work(experiment, stage)
    forget_stages(experiment.workdir, dependents(stage.name))
    for other in dependents(stage.name):
        # Shards of them too.
        experiment.workdir.remove_parts(other)
    experiment.workdir.mark(stage.name, flat)
    experiment.workdir.remove_parts(stage.name)
    experiment.workers.wait()
    say(f"{stage.name}: done in {time.monotonic() - started:.0f} s")


def _resumed(name):
    """What an interrupted stage goes on from, in the workdir."""
    return (*find_stage(name).resumes, f"parts/{name}")


def _with_others(workdir, name):
    """What to say of libraries that have other versions now than when the stage was done."""
    then, now = workdir.versions(name), library_versions()
    others = [f"{key} {value}" for key, value in then.items() if now.get(key) != value]
    return f" with {', '.join(others)}" if others else ""
