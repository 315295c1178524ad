"""One shard of a stage: which parts are its own, and whether all that there are have been done."""

import dataclasses
import re
from typing import Any

from iin_tf import files
from iin_tf.checks import InputError, shown
from iin_tf.experiment.workdir import StaleStage, Workdir

_TEXT = re.compile(r"(\d{1,6})/(\d{1,6})")
_FOLDER = re.compile(r"(\d+)_of_(\d+)")


@dataclasses.dataclass(frozen=True)
class Shard:
    """Shard number `index` of `count`, from 0 on."""

    index: int
    count: int

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    @property
    def folder(self) -> str:
        """Of what it makes, among the shards of its stage."""
        return f"{self.index}_of_{self.count}"

    def has(self, number: int) -> bool:
        """Whether the part of that number is its own."""
        return number % self.count == self.index


def parse_shard(text: str) -> Shard:
    """The shard that a text such as "0/4" names.

    Raises:
      InputError: another form, or there is no such shard.
    """
    found = _TEXT.fullmatch(text)
    index, count = map(int, found.groups()) if found else (0, 0)
    if index >= count:
        raise InputError(f"shard is {shown(text)}; give i/n with i from 0 to n - 1, such as 0/4")
    return Shard(index, count)


def done_shards(workdir: Workdir, stage: str, config: dict[str, Any]) -> list[Workdir]:
    """The workdirs of the shards of a stage, all of which are done with this flat config.

    Args:
      workdir: that they are shards of.
      stage: its name.
      config: its flat config.

    Raises:
      InputError: some are not done; the message says which.
      StaleStage: one was done with another config, or chose other values for automatic keys;
        the message names it.
    """
    counts = {count for _, count in map(_numbers, _folders(workdir, stage))}
    missing: list[list[Shard]] = []
    for count in sorted(counts):
        shards = [Shard(index, count) for index in range(count)]
        places = [shard_workdir(workdir, stage, shard) for shard in shards]
        missing.append(
            [shard for shard, one in zip(shards, places, strict=True) if stage not in one.done()]
        )
        if not missing[-1]:
            for shard, place in zip(shards, places, strict=True):
                _check_same(place, stage, shard, config)
            _check_choices(places, stage, shards)
            return places
    if not missing:
        raise InputError(
            f"{workdir.path} has no shards of stage {stage!r}; run each with --shard=i/n first"
        )
    fewest = min(missing, key=len)
    raise InputError(
        f"shards {', '.join(map(str, fewest))} of stage {stage!r} are not done in {workdir.path}; "
        "run them with --shard first"
    )


def shard_workdir(workdir: Workdir, stage: str, shard: Shard) -> Workdir:
    """Where a shard works: a workdir of its own, in that of the whole."""
    return Workdir(workdir.shards(stage) / shard.folder)


def _folders(workdir, stage):
    place = workdir.shards(stage)
    return [path.name for path in place.iterdir()] if place.is_dir() else []


def _numbers(name):
    found = _FOLDER.fullmatch(name)
    return tuple(map(int, found.groups())) if found else (0, 0)


def _check_same(place, stage, shard, config):
    try:
        place.is_done(stage, config)
    except StaleStage as error:
        raise StaleStage(f"shard {shard}: {error}") from error


def _check_choices(places, stage, shards):
    """Refuses shards that chose different values for the config's automatic keys."""
    chosen = [_choice(place.settings) for place in places]
    for place, shard, other in zip(places, shards, chosen, strict=True):
        differ = [
            f"{key} is {chosen[0].get(key)} and {other.get(key)}"
            for key in sorted({*chosen[0], *other})
            if chosen[0].get(key) != other.get(key)
        ]
        if differ:
            raise StaleStage(
                f"shards {shards[0]} and {shard} of stage {stage!r} chose different settings: "
                f"{', '.join(differ)}; remove {place.path.parent} and do all again on one kind of "
                "machine, or give these keys in the config and leave them out of auto"
            )


def _choice(path):
    return files.read_json(path, {"values": dict})["values"] if path.exists() else {}
