"""The working directory of an experiment: what is where, and what is done with which config."""

import os
import shutil
from pathlib import Path

from iin_tf import FactorLayout, files


class StaleStage(ValueError):
    """A stage was done, or begun, with a config that differs from the one given now."""


class Workdir:
    """The files of one experiment.

    `config.json` records, for every stage that is done, the part of the config that its
    result depends on.

    Args:
      path: the directory; it is made if it does not exist.

    Raises:
      ValueError: nothing can be written there.
    """

    def __init__(self, path):
        self.path = Path(path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"workdir {str(path)!r} cannot be made: {error.strerror}") from error
        if not os.access(self.path, os.W_OK):
            raise ValueError(f"workdir {str(path)!r} cannot be written; give another or its rights")
        self.first_stage = self.path / "first_stage.keras"
        self.latents = self.path / "latents"
        self.factor_sizes = self.path / "factor_sizes.json"
        self.checkpoints = self.path / "checkpoints"
        self._training = self.checkpoints / "config.json"
        self.network = self.path / "iin.keras"
        self.tensorboard = self.path / "tensorboard"
        self.evaluation = self.path / "evaluation"
        self.baselines = self.path / "baselines"
        self.record = self.path / "config.json"

    def layout(self):
        """The FactorLayout that stage sizes chose."""
        return FactorLayout(**files.read_json(self.factor_sizes)["used"])

    def done(self):
        """Mapping stage -> the flat config that it was done with."""
        return files.read_json(self.record) if self.record.exists() else {}

    def is_done(self, stage, config):
        """Whether `stage` is done with exactly this flat config.

        Raises:
          StaleStage: it is done with another one, or it is a training that another one has left
            unfinished; the message names the changed keys.
        """
        done = self.done()
        for word, configs in (("done", done), ("begun", self._begun())):
            if stage in configs:
                self._check_same(stage, word, configs[stage], config)
        return stage in done

    def _check_same(self, stage, word, before, now):
        changed = sorted(
            key for key in {*before, *now} if before.get(key, _MISSING) != now.get(key, _MISSING)
        )
        if changed:
            raise StaleStage(
                f"stage {stage!r} in {self.path} was {word} with other values of "
                f"{', '.join(changed)}: give --overwrite to do it again, or another --workdir"
            )

    def begin_training(self, config):
        """Records the flat config that the checkpoints of stage train belong to."""
        self.checkpoints.mkdir(exist_ok=True)
        files.write_json(self._training, config)

    def _begun(self):
        """Mapping stage -> flat config, of what a call of the same stage would go on from."""
        return {"train": files.read_json(self._training)} if self._training.exists() else {}

    def mark(self, stage, config):
        """Records that `stage` is done with this flat config."""
        files.write_json(self.record, {**self.done(), stage: config})

    def forget(self, stages):
        """Records that `stages` are not done; what a training left must not be gone on from."""
        kept = {stage: config for stage, config in self.done().items() if stage not in stages}
        files.write_json(self.record, kept)
        if "train" in stages:
            for directory in (self.checkpoints, self.tensorboard):
                shutil.rmtree(directory, ignore_errors=True)


_MISSING = object()
