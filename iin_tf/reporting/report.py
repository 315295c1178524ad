"""One page about one run, pictures inside: it opens without a server."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from iin_tf import files
from iin_tf.factors import RESIDUAL
from iin_tf.reporting import pages
from iin_tf.reporting.figures import read_places
from iin_tf.reporting.key_figures import key_figures
from iin_tf.reporting.pictures import Picture, picture_of_block, pictures_of
from iin_tf.reporting.remarks import remarks
from iin_tf.reporting.tables import Table, result_table
from iin_tf.reporting.verdict import NOTE, advice_of, verdict_table, verdicts
from iin_tf.results import Results, section_note
from iin_tf.results.run_kinds import BLOCKS, LEAKAGE, SWAPS

# What of `about` stands with the settings, at the end.
_MADE_WITH = ("versions", "processor")
# Tables to paste: file -> the sections that it holds.
_TABLES = {"swaps.md": (SWAPS,), "disentanglement.md": (BLOCKS, LEAKAGE)}


def write_report(
    directory: Path,
    results: Results,
    blocks: Iterable[str],
    config: dict,
    warnings: Iterable[str] = (),
    neighbors: Mapping[str, Table] | None = None,
    about: Mapping[str, str] | None = None,
    record: Mapping[str, Any] | None = None,
) -> None:
    """Writes the page of a run, a verdict at its top, and its tables into `directory`.

    `report.html` and, where there is something to tell, `swaps.md` and `disentanglement.md`.

    Args:
      directory: of the PNG files of the run.
      results: of the run.
      blocks: names of the network's blocks.
      config: that the run was made with.
      warnings: what was said of the training pairs before the network was trained.
      neighbors: mapping block -> examples with their nearest neighbours in it, of what is no image.
      record: of JSON, how the run was made; the page holds it for programs.
      about: mapping name -> text: date, seed, versions, whatever stands under the title.
    """
    blocks = list(blocks)
    factors = [name for name in blocks if name != RESIDUAL]
    sections = results.by_section()
    found = verdicts(results, factors, config)
    shown = list(_pictures(directory, blocks))
    swaps = {picture_of_block("swap", block).file: block for block in blocks}
    page = pages.render(
        "report.html",
        about={} if about is None else about,
        made_with=_MADE_WITH,
        verdicts=[(one.factor, one.found, verdict_table(one)) for one in found],
        verdict_note=NOTE,
        warnings=list(warnings),
        advice=advice_of(found),
        remarks=remarks(results, blocks, factors),
        grids=[
            (swaps[picture.file], picture, data, read_places(directory / picture.file))
            for picture, data in shown
            if picture.file in swaps
        ],
        key_figures=key_figures(results, factors),
        sections=[
            (title, section_note(title), result_table(list(some.values())), _methods(some))
            for title, some in sections.items()
        ],
        pictures=[one for one in shown if one[0].file not in swaps],
        neighbors=[] if neighbors is None else list(neighbors.items()),
        config=config,
        record=record,
    )
    files.write_text(directory / "report.html", page)
    for name, titles in _TABLES.items():
        tables = [sections[title].markdown() for title in titles if title in sections]
        if tables:
            files.write_text(directory / name, "\n".join(tables))


def _methods(results: Results) -> list[str]:
    """How each kind of these results is measured, each way once."""
    return [*dict.fromkeys(one.kind.protocol for one in results.values() if one.kind.protocol)]


def _pictures(directory: Path, blocks: Iterable[str]) -> Iterator[tuple[Picture, str]]:
    """Every picture that is there, and its data."""
    for picture in pictures_of(blocks):
        path = directory / picture.file
        if path.exists():
            yield picture, pages.inline(path)
