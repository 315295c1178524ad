"""One page about one run, pictures inside: it opens without a server."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from iin_tf import files
from iin_tf.factors import RESIDUAL
from iin_tf.reporting import pages
from iin_tf.reporting.pictures import pictures_of
from iin_tf.reporting.tables import result_table
from iin_tf.reporting.verdict import NOTE, advice_of, verdict_table, verdicts
from iin_tf.results import Results, section_note
from iin_tf.results.run_kinds import BLOCKS, LEAKAGE, SWAPS

# Tables to paste: file -> the sections that it holds.
_TABLES = {"swaps.md": (SWAPS,), "disentanglement.md": (BLOCKS, LEAKAGE)}


def write_report(
    directory: Path,
    results: Results,
    blocks: Iterable[str],
    config: dict,
    warnings: Iterable[str] = (),
) -> None:
    """Writes the page of a run, a verdict at its top, and its tables into `directory`.

    `report.html` and, where there is something to tell, `swaps.md` and `disentanglement.md`.

    Args:
      directory: of the PNG files of the run.
      results: of the run.
      blocks: names of the network's blocks.
      config: that the run was made with.
      warnings: what was said of the training pairs before the network was trained.
    """
    sections = results.by_section()
    found = verdicts(results, [name for name in blocks if name != RESIDUAL])
    page = pages.render(
        "report.html",
        verdicts=[(one.factor, one.found, verdict_table(one)) for one in found],
        verdict_note=NOTE,
        warnings=list(warnings),
        advice=advice_of(found),
        sections=[
            (title, section_note(title), result_table(list(found.values())))
            for title, found in sections.items()
        ],
        pictures=list(_pictures(directory, blocks)),
        config=config,
    )
    files.write_text(directory / "report.html", page)
    for name, titles in _TABLES.items():
        tables = [sections[title].markdown() for title in titles if title in sections]
        if tables:
            files.write_text(directory / name, "\n".join(tables))


def _pictures(directory: Path, blocks: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Title, caption and data of every picture that is there."""
    for picture in pictures_of(blocks):
        path = directory / picture.file
        if path.exists():
            yield picture.title, picture.caption, pages.inline(path)
