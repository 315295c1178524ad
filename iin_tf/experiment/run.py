"""Runs the stages of an experiment, and skips those that are done."""

import importlib
import json
import time

from iin_tf.experiment.workdir import StaleStage, Workdir

# Every stage with the sections of the config that it adds to those of the stages before.
_SECTIONS = {
    "first_stage": ("seed", "data", "first_stage"),
    "encode": (),
    "sizes": ("pairs", "sizes"),
    "train": ("network", "training"),
    "evaluate": ("evaluation",),
    "export": ("export",),
    "baselines": ("baselines",),
}
STAGE_NAMES = tuple(_SECTIONS)
# Baselines serve comparison; an experiment is whole without them.
RUN_STAGES = STAGE_NAMES[:-1]


def run_stages(config, workdir, stages=RUN_STAGES, strategy="none", overwrite=False):
    """Runs `stages` of the experiment in `workdir`, in their order.

    Args:
      config: ConfigDict with the keys of `default_config`.
      workdir: directory of the experiment.
      stages: names of the stages to run; the ones before them must be done.
      strategy: "none" or "mirrored" (every device of this machine).
      overwrite: do a stage again, and all that build on it, where its config has changed.

    Raises:
      ValueError: a stage before is not done, or was done with another config.
    """
    workdir = Workdir(workdir)
    experiment = None
    first = STAGE_NAMES.index(stages[0])
    for place, stage in enumerate(STAGE_NAMES):
        if place > STAGE_NAMES.index(stages[-1]):
            break
        flat = _flat_config(config, stage)
        try:
            done = workdir.is_done(stage, flat)
        except StaleStage:
            if not overwrite or place < first:
                raise
            done = False
            workdir.forget(STAGE_NAMES[place:])
        if done:
            _say(f"{stage}: done before, skipped")
        elif place < first:
            raise ValueError(
                f"stage {stage!r} is not done in {workdir.path}; run it first, or iin_run for all"
            )
        else:
            if experiment is None:
                from iin_tf.experiment.experiment import Experiment

                experiment = Experiment(config, workdir, strategy)
            started = time.monotonic()
            _say(f"{stage}: begins")
            importlib.import_module(f"iin_tf.experiment.stages.{stage}").run(experiment)
            workdir.forget(STAGE_NAMES[place:])
            workdir.mark(stage, flat)
            _say(f"{stage}: done in {time.monotonic() - started:.0f} s")


def _flat_config(config, stage):
    """The values that the result of `stage` depends on, by dotted key."""
    place = STAGE_NAMES.index(stage)
    sections = [section for name in STAGE_NAMES[: place + 1] for section in _SECTIONS[name]]
    flat, values = {}, config.to_dict()
    for section in sections:
        value = values[section]
        if isinstance(value, dict):
            flat |= {f"{section}.{key}": entry for key, entry in value.items()}
        else:
            flat[section] = value
    # As JSON gives it back, so that what was written compares equal.
    return json.loads(json.dumps(flat))


def _say(text):
    print(f"[iin] {text}", flush=True)
