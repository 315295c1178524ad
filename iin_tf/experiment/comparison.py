"""One page, one table and figures about several runs."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from iin_tf import checks, files
from iin_tf.checks import InputError
from iin_tf.experiment.compared_runs import Run
from iin_tf.reporting import pages
from iin_tf.reporting.charts import save_figure
from iin_tf.reporting.compared import NOTE, TABLES, ComparedRow, summary_text
from iin_tf.reporting.forest import FORMATS, forest_figures
from iin_tf.reporting.pictures import pictures_of
from iin_tf.reporting.tables import Table, compared_table
from iin_tf.results import Result, Results, section_note

# Kinds that say on how many examples the others were measured.
_COUNTS = ("examples/{split}", "originals/{split}")


def check_output(directory: str | Path) -> None:
    """An InputError where `directory`, or one above it, is a file."""
    path = Path(directory)
    for part in (path, *path.parents):
        if part.exists() and not part.is_dir():
            raise InputError(
                f"output is {str(directory)!r}, but {str(part)!r} is a file; give a directory"
            )


def write_comparison(
    runs: Sequence[Run], directory: str | Path, table: str = "markdown", figures: str = "png"
) -> list[str]:
    """Writes `compare.html`, pictures inside, a table and `figures/` into `directory`.

    Args:
      runs: as `load_runs` gives them.
      directory: made if it does not exist.
      table: "markdown" (`table.md`), "latex" (`table.tex`, needs pandas) or "csv" (`table.csv`).
      figures: format of the figures: "png", "pdf" or "svg".

    Returns:
      Warnings, one line each; the page has them too.

    Raises:
      InputError: the directory is a file, an unknown form, or pandas is missing.
    """
    check_output(directory)
    file, write_table = TABLES[checks.choice(table, "table", TABLES)]
    checks.choice(figures, "figures", FORMATS)
    names = [run.name for run in runs]
    sections = _sections(runs)
    written = write_table(names, [row for rows in sections.values() for row in rows])
    drawn = {title: forest_figures(names, title, rows) for title, rows in sections.items()}
    warnings = _warnings(runs)
    page = pages.render(
        "compare.html",
        overview=_overview(runs),
        note=NOTE,
        warnings=warnings,
        changed=_changed(runs),
        sections=[
            (
                title,
                section_note(title),
                compared_table(names, [(row.result, row.cells) for row in rows]),
                [pages.inline_figure(figure) for figure in drawn[title].values()],
            )
            for title, rows in sections.items()
        ],
        pictures=list(_pictures(runs)),
    )
    for some in drawn.values():
        for name, figure in some.items():
            save_figure(figure, Path(directory) / "figures" / f"{name}.{figures}")
    files.write_text(Path(directory) / file, written)
    files.write_text(Path(directory) / "compare.html", page)
    return warnings


def _overview(runs: Sequence[Run]) -> Table:
    rows = [
        (run.name, [run.name, str(len(run.workdirs)), run.kind, run.sizes, str(run.directory)])
        for run in runs
    ]
    return Table(["run", "seeds", "first stage", "blocks", "directory"], [], rows)


def _sections(runs: Sequence[Run]) -> dict[str, list[ComparedRow]]:
    """Section -> a row for every result that some run has."""
    found = {one.name: one for run in runs for one in run.all_results()}
    return {
        title: [_row(one, runs) for one in results.values()]
        for title, results in Results(found).by_section().items()
    }


def _row(result: Result, runs: Iterable[Run]) -> ComparedRow:
    return ComparedRow(result, tuple(run.summaries.get(result.name) for run in runs))


def _warnings(runs: Sequence[Run]) -> list[str]:
    """What makes the runs' numbers hard to compare."""
    found = {one.name: one for run in runs for one in run.all_results()}
    warnings = []
    for one in Results(found).values():
        if one.kind.pattern not in _COUNTS:
            continue
        counts = [summary_text(run.summaries.get(one.name)) for run in runs]
        if len(set(counts)) > 1:
            told = ", ".join(f"{run.name} {n}" for run, n in zip(runs, counts, strict=True))
            warnings.append(
                f"The runs were measured on different numbers ({one.title}: {told}). Estimates "
                "shift with that number, and an interval covers what the estimator gives at its "
                "own: compare runs at equal numbers."
            )
    return warnings


def _changed(runs: Sequence[Run]) -> Table:
    """Keys of the configs whose values differ between runs or seeds, with each run's."""
    keys = sorted({key for run in runs for config in run.configs for key in config})
    rows = [
        (key, [key, *(run.setting(key) for run in runs)])
        for key in keys
        if len({str(config.get(key, "-")) for run in runs for config in run.configs}) > 1
    ]
    return Table(["key", *(run.name for run in runs)], [], rows)


def _pictures(runs: Sequence[Run]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Title, and each run's name and picture; of several seeds, the first one's."""
    for picture in pictures_of(dict.fromkeys(block for run in runs for block in run.blocks)):
        paths = [
            (
                run.name if len(run.workdirs) == 1 else f"{run.name}, {run.workdirs[0].name}",
                run.workdirs[0] / "evaluation" / picture.file,
            )
            for run in runs
        ]
        there = [(name, pages.inline(path)) for name, path in paths if path.is_file()]
        if there:
            yield picture.title, there
