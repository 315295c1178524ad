"""The runs that are compared: one workdir each, or one for each of several seeds."""

import dataclasses
import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from iin_tf.checks import InputError
from iin_tf.experiment.workdir import Workdir
from iin_tf.results import Result, Results
from iin_tf.statistics import Summary, over_runs


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run, on one seed or on several.

    Attributes:
      name: what the page calls it.
      directory: its workdir, or the one that holds a workdir for each seed.
      workdirs: those that were evaluated.
      results: what was measured in each.
      configs: flat, what each was evaluated with.
      blocks: mapping block -> size, in the first.
    """

    name: str
    directory: Path
    workdirs: tuple[Path, ...]
    results: tuple[Results, ...]
    configs: tuple[dict[str, Any], ...]
    blocks: dict[str, int]

    @property
    def kind(self) -> str:
        """Kind of its first stage."""
        return self.configs[0]["first_stage.kind"]

    @property
    def sizes(self) -> str:
        """Its blocks with their sizes, as one text."""
        return ", ".join(f"{block} {size}" for block, size in self.blocks.items())

    @functools.cached_property
    def summaries(self) -> dict[str, Summary]:
        """Name of a result -> mean, spread and interval, of what every seed has."""
        first, *others = self.results
        shared = [name for name in first if all(name in other for other in others)]
        return {
            name: over_runs(
                [found[name].value for found in self.results],
                [found[name].interval for found in self.results],
                bounds=first[name].kind.bounds,
            )
            for name in shared
        }

    def setting(self, key: str) -> str:
        """The value of a key of the config, "-" without one; where seeds differ, all of them."""
        values = dict.fromkeys(str(config.get(key, "-")) for config in self.configs)
        return ", ".join(values)

    def all_results(self) -> Iterable[Result]:
        """A result of every name that it has a summary of."""
        return [self.results[0][name] for name in self.summaries]


def load_runs(directories: Iterable[str | Path]) -> list[Run]:
    """`Run`s of the workdirs, named by their directories; with their parents, where those equal.

    A directory that holds no run of its own, but workdirs `seed_0`, `seed_1`, ..., as `iin_run
    --seeds` makes them, is one run on several seeds.  All are only read: nothing is made or
    written in their workdirs.

    Raises:
      InputError: nothing to compare, a directory twice, or one that holds no evaluated run.
    """
    paths = [Path(directory) for directory in directories]
    resolved = [path.resolve() for path in paths]
    if len(set(resolved)) < len(paths):
        raise InputError(f"runs are {[str(path) for path in paths]}; give each once")
    depth = 1
    while len({path.parts[-depth:] for path in resolved}) < len(paths):
        depth += 1
    runs = [
        _load(path, "/".join(full.parts[-depth:]))
        for path, full in zip(paths, resolved, strict=True)
    ]
    if sum(len(run.workdirs) for run in runs) < 2:
        raise InputError(
            f"runs are {[str(path) for path in paths]}; give two different ones or more, or one "
            "of several seeds"
        )
    return runs


def _load(path: Path, name: str) -> Run:
    workdirs = [path]
    if not _is_evaluated(path):
        # In the order of the numbers.
        seeds = sorted(path.glob("seed_*"), key=lambda one: (len(one.name), one.name))
        workdirs = [one for one in seeds if one.is_dir()] or [path]
    results, configs = zip(*map(_read, workdirs), strict=True)
    layout = Workdir(workdirs[0]).layout()
    sizes = dict(zip(layout.names, layout.sizes, strict=True))
    return Run(name, path, tuple(workdirs), results, configs, sizes)


def _is_evaluated(path: Path) -> bool:
    return (path / "evaluation" / "metrics.json").is_file()


def _read(path: Path) -> tuple[Results, dict[str, Any]]:
    if not _is_evaluated(path):
        raise InputError(f"{str(path)!r} holds no evaluated run; give the workdir of an iin_run")
    done = Workdir(path).done()
    if "evaluate" not in done:
        # What is there is of a network that has been trained again since.
        raise InputError(f"stage 'evaluate' is not done in {str(path)!r}; run iin_evaluate first")
    return Results.read(path / "evaluation" / "metrics.json"), done["evaluate"]
