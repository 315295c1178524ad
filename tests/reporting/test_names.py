"""Pages, pictures, tables and TensorBoard's files of factors with unlucky names."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib import image

from iin_tf.reporting import charts, figures
from iin_tf.reporting.baselines import baselines_markdown, save_baselines
from iin_tf.reporting.labels import chart_label, file_stem
from iin_tf.reporting.pictures import picture_of_block, pictures_of
from iin_tf.reporting.report import write_report
from iin_tf.results import Result, Results

NAMES = ["low", "null", "metadata", "a|b", "two\nlines", "<b>", "$x$ $", "_x", "  ", "x" * 300]


def results_of(name):
    fields = {"block": name, "factor": name}
    return Results(
        [
            Result("swap/{block}/{factor}/donor", fields, 0.75, (0.5, 0.875)),
            Result("leakage/{block}/{factor}", fields, 0.25, null=0.125),
            Result("disentanglement/mig", {}, 0.5, (0.25, 0.625)),
        ]
    )


class _Rows(HTMLParser):
    """Texts of the cells of each row, as a browser reads them."""

    def __init__(self, page):
        super().__init__()
        self.rows, self._open = [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td") and self.rows:
            self._open = True
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self._open = self._open and tag not in ("th", "td")

    def handle_data(self, data):
        if self._open:
            self.rows[-1][-1] += data


@pytest.mark.parametrize("name", NAMES)
def test_a_page_and_its_tables_hold_the_name_and_its_numbers(tmp_path, name):
    picture = picture_of_block("swap", name)
    image.imsave(tmp_path / picture.file, np.zeros((2, 2, 3)))
    write_report(tmp_path, results_of(name), [name], {})
    page = (tmp_path / "report.html").read_text()
    rows = {row[0]: row[1:] for row in _Rows(page).rows if row}
    swap = rows[f"{name} exchanged: {name} read as the donor's"]
    assert swap[:2] == ["0.7500", "0.5000 to 0.8750"]
    assert rows[f"{name} tells of {name}"][:2] == ["0.2500", "0.1250"]
    assert page.count("data:image/png;base64,") == 1
    table = (tmp_path / "swaps.md").read_text().splitlines()
    assert len(table) == 3
    # Bars that divide cells are those without a backslash before them.
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {6}


@pytest.mark.parametrize("name", NAMES)
def test_tables_and_pictures_of_models_hold_the_name(tmp_path, name):
    models = {name: results_of(name), "other": results_of(name)}
    lines = baselines_markdown(models).splitlines()
    assert len(lines) == 4
    assert lines[2].endswith("| 0.5000 | 0.2500 |")
    save_baselines(tmp_path / "baselines.png", models)
    charts.save_heat_map(tmp_path / "map.png", np.eye(1), [name], [name], name)
    charts.save_factor_sizes(tmp_path / "sizes.png", {name: {name: 3}})
    figures.save_tiles(tmp_path / "tiles.png", np.zeros((1, 1, 2, 2, 3)), name)
    assert len(list(tmp_path.glob("*.png"))) == 4


def test_files_of_blocks_differ_and_fit_every_file_system():
    names = [*NAMES, "x" * 301, "a b", "a%7Cb", "größe", ".", "..", "con", "é" * 100, "digit"]
    stems = [file_stem(name) for name in names]
    assert len(set(stems)) == len(names)
    assert all(len(stem.encode()) <= 80 for stem in stems)
    assert not any(set(stem) & set('/\\:*?"<>|\n\t') for stem in stems)
    assert file_stem("digit") == "digit"
    assert file_stem("hair color") == "hair color"


def test_a_page_finds_every_picture_that_a_block_can_have():
    found = pictures_of(["residual", "metadata"])
    assert len({picture.file for picture in found}) == len(found)
    assert picture_of_block("walk", "metadata") in found


def test_labels_are_one_short_line_without_mathematics():
    assert chart_label("digit") == "digit"
    assert chart_label("two\n lines") == "two lines"
    assert chart_label("$x$") == r"\$x\$"
    assert chart_label("_x") == " _x"
    assert chart_label("  ") == "'  '"
    assert chart_label("x" * 300) == "x" * 31 + "…"
