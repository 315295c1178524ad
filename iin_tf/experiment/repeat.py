"""An experiment on several seeds: the same data, another training each."""

import os

from ml_collections import ConfigDict

from iin_tf import checks
from iin_tf.experiment.checks import check_config
from iin_tf.experiment.run import default_order, forget_stages, run_stages
from iin_tf.experiment.stages.registry import dependents, find_stage, flat_config
from iin_tf.experiment.workdir import Workdir

# What is exported is one network, that of the first seed.
_ONCE = ("export",)


def seed_directories(config: ConfigDict, workdir: str | os.PathLike, seeds: int) -> dict[int, str]:
    """Seed -> the workdir of its run: `seed_0`, `seed_1`, ... in `workdir`.

    Args:
      config: ConfigDict, whose own seed is the first.
      workdir: the directory of all.
      seeds: how many.

    Raises:
      InputError: fewer than one seed.
    """
    first = config.seed if config.training.seed is None else config.training.seed
    count = checks.whole(seeds, "seeds", least=1)
    return {seed: os.path.join(workdir, f"seed_{seed}") for seed in range(first, first + count)}


def run_seeds(
    config: ConfigDict,
    workdir: str | os.PathLike,
    seeds: int,
    strategy: str = "none",
    overwrite: bool = False,
) -> None:
    """Runs the whole experiment once for each seed, in a workdir of its own.

    A seed changes the network's initial weights and fixed shuffles, the training pairs, and their
    noise and order (`training.seed`).  Data, splits, first stage, latents, sizes, judges and
    probes, and the held-out examples that are measured are those of `config.seed`, the same for
    all.  A stage that does not depend on the seed is done once; the other workdirs take its files
    over.  One network is exported, that of the first seed.

    Args:
      config: ConfigDict with the keys of `default_config`.
      workdir: made if there is none; holds a workdir for each seed.
      seeds: how many; the first is the config's own.
      strategy: as in `run_stages`.
      overwrite: as in `run_stages`.

    Raises:
      InputError: as `run_stages`; fewer than one seed.
    """
    check_config(config)
    places = seed_directories(config, workdir, seeds)
    first = Workdir(next(iter(places.values())))
    for number, (seed, directory) in enumerate(places.items(), start=1):
        print(f"[iin] seed {seed}, {number} of {len(places)}: {directory}", flush=True)
        own = config.copy_and_resolve_references()
        with own.unlocked():
            own.training.seed = seed
        place = Workdir(directory)
        if place.path == first.path:
            run_stages(own, directory, strategy=strategy, overwrite=overwrite)
            continue
        _take_over(first, place, own, overwrite)
        stages = [name for name in default_order(own) if name not in _ONCE]
        run_stages(own, directory, stages, strategy=strategy, overwrite=overwrite)


def _take_over(first, place, config, overwrite):
    """Takes from the first workdir what is the same for this config."""
    place.make()
    done_there = first.done()
    for name in default_order(config):
        stage, flat = find_stage(name), flat_config(config, name)
        done_here = place.done().get(name)
        if not stage.writes or done_there.get(name) != flat or done_here == flat:
            continue
        if done_here is not None:
            if not overwrite:
                # `run_stages` says what has changed.
                continue
            forget_stages(place, (name, *dependents(name)))
        place.take_over(name, first, stage.writes)
        print(f"[iin] {name}: taken over from {first.path}", flush=True)
