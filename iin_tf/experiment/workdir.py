"""The working directory of an experiment: what is where, and what is done with which config."""

import contextlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iin_tf import files
from iin_tf.checks import InputError
from iin_tf.versions import library_versions

if TYPE_CHECKING:
    from iin_tf.factors import FactorLayout

# The form of the record; another one is another number.
FORMAT = 1
# What it says of a stage that is done, each a dict.
_ENTRY = ("config", "versions")
# What stages that are not done have done of their work, and what shards of them have.
_PARTS, _SHARDS = "parts", "shards"


class StaleStage(InputError):
    """A stage was done, or begun, with a config that differs from the one given now."""


class Workdir:
    """The files of one experiment; nothing is made or written before `make`.

    `config.json` records the format of the workdir and, for every stage that is done, the part
    of the config that its result depends on and the versions of the libraries that made it.

    Args:
      path: the directory.

    Raises:
      InputError: an empty path.
    """

    def __init__(self, path: str | os.PathLike):
        if not os.fspath(path):
            raise InputError("workdir is empty; give the directory of the experiment")
        self.path = Path(path)
        self.first_stage = self.path / "first_stage.keras"
        self.latents = self.path / "latents"
        self.splits = self.path / "splits.csv"
        self.settings = self.path / "settings.json"
        self.factor_sizes = self.path / "factor_sizes.json"
        self.checkpoints = self.path / "checkpoints"
        self.network = self.path / "iin.keras"
        self.tensorboard = self.path / "tensorboard"
        self.evaluation = self.path / "evaluation"
        self.baselines = self.path / "baselines"
        self.few_labels = self.path / "few_labels"
        self.record = self.path / "config.json"

    def make(self) -> None:
        """Makes the directory where there is none.

        Raises:
          InputError: nothing can be written there.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"workdir {str(self.path)!r} cannot be made ({error.strerror}); give another"
            ) from error
        if not os.access(self.path, os.W_OK):
            raise InputError(
                f"workdir {str(self.path)!r} cannot be written; give another, or its rights"
            )

    def layout(self) -> "FactorLayout":
        """The FactorLayout that stage sizes chose.

        Raises:
          InputError: its file is damaged.
        """
        from iin_tf.factors import FactorLayout

        used = files.read_json(self.factor_sizes, {"used": dict})["used"]
        try:
            return FactorLayout(**used)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"{self.factor_sizes} holds no layout ({error}); restore it, or remove the "
                "workdir and run again"
            ) from error

    def done(self) -> dict[str, dict[str, Any]]:
        """Mapping stage -> the flat config that it was done with."""
        return {name: entry["config"] for name, entry in self._read()["stages"].items()}

    def versions(self, stage: str) -> dict[str, str]:
        """Mapping library -> version, of what a stage that is done was done with."""
        return self._read()["stages"][stage]["versions"]

    def parts(self, stage: str) -> Path:
        """Where a stage keeps what it has done until all is done."""
        return self.path / _PARTS / stage

    def shards(self, stage: str) -> Path:
        """Where the shards of a stage are, each a workdir of its own."""
        return self.path / _SHARDS / stage

    def remove_parts(self, stage: str) -> None:
        """Removes both."""
        for place in (_PARTS, _SHARDS):
            self._remove([f"{place}/{stage}"])
            with contextlib.suppress(OSError):
                # Those of another stage keep it.
                (self.path / place).rmdir()

    def take_parts(self, stage: str, others: Iterable["Workdir"]) -> None:
        """Takes, in place of its own parts of a stage, those that other workdirs have of it."""
        with files.whole_directory(self.parts(stage)) as new:
            for other in others:
                if other.parts(stage).exists():
                    files.link_tree(other.parts(stage), new)

    def is_done(self, stage: str, config: dict[str, Any], resumes: Iterable[str] = ()) -> bool:
        """Whether `stage` is done with exactly this flat config.

        Args:
          stage: its name.
          config: its flat config.
          resumes: names in the workdir that it could go on from.

        Raises:
          StaleStage: it is done with another one, or another one has left it unfinished; the
            message names the changed keys.
        """
        record = self._read()
        if stage in record["begun"] and any((self.path / name).exists() for name in resumes):
            self._check_same(stage, "begun", record["begun"][stage], config)
        if stage not in record["stages"]:
            return False
        self._check_same(stage, "done", record["stages"][stage]["config"], config)
        return True

    def _check_same(self, stage, word, before, now):
        changed = sorted(
            key for key in {*before, *now} if before.get(key, _MISSING) != now.get(key, _MISSING)
        )
        if changed:
            raise StaleStage(
                f"stage {stage!r} in {self.path} was {word} with other values of "
                f"{', '.join(changed)}: give --overwrite to do it again, or another --workdir"
            )

    def begin(self, stage: str, config: dict[str, Any], resumes: Iterable[str]) -> None:
        """Records that what `stage` leaves in `resumes` belongs to this flat config.

        What is there already and belongs to no config that is known is removed.
        """
        record = self._read()
        if record["begun"].get(stage) != config:
            self._remove(resumes)
        self._write({**record, "begun": {**record["begun"], stage: config}})

    def mark(self, stage: str, config: dict[str, Any]) -> None:
        """Records that `stage` is done with this flat config and today's libraries."""
        record = self._read()
        entry = {"config": config, "versions": library_versions()}
        begun = {name: value for name, value in record["begun"].items() if name != stage}
        self._write({**record, "stages": {**record["stages"], stage: entry}, "begun": begun})

    def take_over(self, stage: str, other: "Workdir", names: Iterable[str]) -> None:
        """Takes the result of `stage` from another workdir, where it is done.

        Files become hard links where the file system can: every file of a workdir is replaced
        as a whole, never changed.

        Args:
          stage: its name.
          other: Workdir.
          names: of the files and folders of its result.
        """
        for name in names:
            if (other.path / name).is_dir():
                with files.whole_directory(self.path / name) as new:
                    files.link_tree(other.path / name, new)
            else:
                with files.whole_file(self.path / name) as new:
                    files.link(other.path / name, new)
        record, entry = self._read(), other._read()["stages"][stage]
        self._write({**record, "stages": {**record["stages"], stage: entry}})

    def forget(self, stages: Iterable[str], resumes: Iterable[str] = ()) -> None:
        """Records that `stages` are neither done nor begun, and removes what they left to resume.

        Args:
          stages: names of the stages.
          resumes: names in the workdir that must not be gone on from.
        """
        record, stages = self._read(), set(stages)
        # The record first: what is half removed must not be taken for a beginning.
        kept = {
            part: {name: value for name, value in record[part].items() if name not in stages}
            for part in ("stages", "begun")
        }
        self._write({**record, **kept})
        self._remove(resumes)

    def _remove(self, names):
        for name in names:
            shutil.rmtree(self.path / name, ignore_errors=True)

    def _read(self):
        if not self.record.exists():
            return {"format": FORMAT, "stages": {}, "begun": {}}
        record = files.read_json(self.record, {})
        found = record.get("format")
        if found != FORMAT:
            # Before formats had numbers, the record held the stages alone.
            said = "names no format" if found is None else f"has format {found!r}"
            raise InputError(
                f"{self.record} {said}, this iin_tf reads format {FORMAT}: the workdir is of "
                "another release; use that one, or give another --workdir"
            )
        record = files.read_json(self.record, {"stages": dict, "begun": dict})
        for name, entry in record["stages"].items():
            parts = [entry.get(key) if isinstance(entry, dict) else None for key in _ENTRY]
            self._check_dicts(name, "done", parts)
        for name, config in record["begun"].items():
            self._check_dicts(name, "begun", [config])
        return record

    def _check_dicts(self, stage, word, parts):
        if not all(isinstance(part, dict) for part in parts):
            raise InputError(
                f"{self.record} says nothing of how stage {stage!r} was {word}; restore it from a "
                "copy, or remove it and run again"
            )

    def _write(self, record):
        files.write_json(self.record, record)


_MISSING = object()
