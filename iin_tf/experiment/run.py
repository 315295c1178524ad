"""Runs the stages of an experiment, and skips those that are done."""

import importlib
import time

from iin_tf.experiment.stage_order import RUN_STAGES, STAGE_NAMES, flat_config
from iin_tf.experiment.workdir import StaleStage, Workdir


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
        flat = flat_config(config, stage)
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
            workdir.forget(STAGE_NAMES[place + 1 :])
            workdir.mark(stage, flat)
            _say(f"{stage}: done in {time.monotonic() - started:.0f} s")


def _say(text):
    print(f"[iin] {text}", flush=True)
