"""One page and one table about several runs."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from iin_tf import files
from iin_tf.checks import InputError
from iin_tf.experiment.workdir import Workdir
from iin_tf.reporting import pages
from iin_tf.reporting.pictures import pictures_of
from iin_tf.reporting.tables import Table, compared_table
from iin_tf.results import Result, Results, interval_text, number_text, section_note
from iin_tf.results.markdown import markdown

# Kinds that say on how many examples the others were measured.
_COUNTS = ("examples/{split}", "originals/{split}")


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
      name: what the page calls it.
      directory: its workdir.
      results: what was measured.
      config: flat, what it was evaluated with.
      blocks: mapping block -> size.
    """

    name: str
    directory: Path
    results: Results
    config: dict[str, Any]
    blocks: dict[str, int]

    @property
    def kind(self) -> str:
        """Kind of its first stage."""
        return self.config["first_stage.kind"]

    @property
    def sizes(self) -> str:
        """Its blocks with their sizes, as one text."""
        return ", ".join(f"{block} {size}" for block, size in self.blocks.items())


def load_runs(directories: Iterable[str | Path]) -> list[Run]:
    """`Run`s of the workdirs, named by their directories; with their parents, where those equal.

    The runs are only read: nothing is made or written in their workdirs.

    Raises:
      InputError: fewer than two directories, one twice, or one that holds no evaluated run.
    """
    paths = [Path(directory) for directory in directories]
    resolved = [path.resolve() for path in paths]
    if len(paths) < 2 or len(set(resolved)) < len(paths):
        raise InputError(f"runs are {[str(p) for p in paths]}; give two different ones or more")
    depth = 1
    while len({path.parts[-depth:] for path in resolved}) < len(paths):
        depth += 1
    return [
        _load(path, "/".join(full.parts[-depth:]))
        for path, full in zip(paths, resolved, strict=True)
    ]


def check_output(directory: str | Path) -> None:
    """An InputError where `directory`, or one above it, is a file."""
    path = Path(directory)
    for part in (path, *path.parents):
        if part.exists() and not part.is_dir():
            raise InputError(
                f"output is {str(directory)!r}, but {str(part)!r} is a file; give a directory"
            )


def write_comparison(runs: Sequence[Run], directory: str | Path) -> list[str]:
    """Writes `compare.html`, pictures inside, and `table.md` into `directory`.

    Args:
      runs: as `load_runs` gives them.
      directory: made if it does not exist.

    Returns:
      Warnings, one line each; the page has them too.

    Raises:
      InputError: the directory is a file.
    """
    check_output(directory)
    names = [run.name for run in runs]
    sections = _sections(runs)
    warnings = _warnings(runs)
    page = pages.render(
        "compare.html",
        overview=_overview(runs),
        warnings=warnings,
        changed=_changed(runs),
        sections=[
            (title, section_note(title), compared_table(names, rows))
            for title, rows in sections.items()
        ],
        pictures=list(_pictures(runs)),
    )
    files.write_text(Path(directory) / "compare.html", page)
    files.write_text(Path(directory) / "table.md", _table(names, sections))
    return warnings


def _load(path: Path, name: str) -> Run:
    metrics = path / "evaluation" / "metrics.json"
    if not metrics.is_file():
        raise InputError(f"{str(path)!r} holds no evaluated run; give the workdir of an iin_run")
    workdir = Workdir(path)
    if "evaluate" not in workdir.done():
        # What is there is of a network that has been trained again since.
        raise InputError(f"stage 'evaluate' is not done in {str(path)!r}; run iin_evaluate first")
    layout = workdir.layout()
    sizes = dict(zip(layout.names, layout.sizes, strict=True))
    return Run(name, path, Results.read(metrics), workdir.done()["evaluate"], sizes)


def _overview(runs: Sequence[Run]) -> Table:
    rows = [(run.name, [run.name, run.kind, run.sizes, str(run.directory)]) for run in runs]
    return Table(["run", "first stage", "blocks", "directory"], [], rows)


def _sections(runs: Sequence[Run]) -> dict[str, list[tuple[Result, list[str]]]]:
    """Section -> a result of every name that some run has, with one cell a run."""
    found = {one.name: one for run in runs for one in run.results.values()}
    return {
        title: [
            (one, [_cell(run.results.get(one.name)) for run in runs]) for one in results.values()
        ]
        for title, results in Results(found).by_section().items()
    }


def _cell(result: Result | None) -> str:
    if result is None:
        return "-"
    value, ends = number_text(result.value), interval_text(result.interval)
    return value if ends is None else f"{value} ({ends})"


def _table(names: Sequence[str], sections: dict[str, list[tuple[Result, list[str]]]]) -> str:
    rows = [
        [one.title, *cells, one.unit, one.expected.direction, one.name]
        for rows in sections.values()
        for one, cells in rows
    ]
    return markdown(["result", *names, "unit", "better", "key in metrics.json"], rows)


def _warnings(runs: Sequence[Run]) -> list[str]:
    """What makes the runs' numbers hard to compare."""
    found = {
        one.name: one
        for run in runs
        for pattern in _COUNTS
        for one in run.results.of(pattern).values()
    }
    warnings = []
    for one in found.values():
        counts = [_cell(run.results.get(one.name)) for run in runs]
        if len(set(counts)) > 1:
            told = ", ".join(f"{run.name} {n}" for run, n in zip(runs, counts, strict=True))
            warnings.append(
                f"The runs were measured on different numbers ({one.title}: {told}). Estimates "
                "shift with that number, and an interval covers what the estimator gives at its "
                "own: compare runs at equal numbers."
            )
    return warnings


def _changed(runs: Sequence[Run]) -> Table:
    """Keys of the configs whose values differ, with each run's value."""
    keys = sorted({key for run in runs for key in run.config})
    rows = [(key, [run.config.get(key, "-") for run in runs]) for key in keys]
    rows = [
        (key, [key, *map(str, values)])
        for key, values in rows
        if any(value != values[0] for value in values)
    ]
    return Table(["key", *(run.name for run in runs)], [], rows)


def _pictures(runs: Sequence[Run]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Title, and each run's name and picture."""
    for picture in pictures_of(dict.fromkeys(block for run in runs for block in run.blocks)):
        paths = [(run.name, run.directory / "evaluation" / picture.file) for run in runs]
        there = [(name, pages.inline(path)) for name, path in paths if path.is_file()]
        if there:
            yield picture.title, there
