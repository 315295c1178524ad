import json
import re

import numpy as np
from matplotlib import image

from iin_tf.reporting import figures
from iin_tf.reporting.report import write_report
from iin_tf.reporting.tables import Table
from iin_tf.results import Results

RESULTS = Results.from_metrics(
    {
        "swap/digit/digit/donor": 0.9712,
        "swap/digit/digit/donor/low": 0.96,
        "swap/digit/digit/donor/high": 0.98,
        "leakage/residual/digit": 0.125,
        "leakage/residual/digit/null": 0.0625,
        "nll/test": -12.5,
        "readout/digit/angle/r2": 0.8125,
        "judge/digit/original": 0.997,
    }
)
BLOCKS = ("residual", "digit")


def test_the_page_holds_its_numbers_and_pictures(tmp_path):
    for name in ("swap_digit.png", "swap_residual.png", "samples.png", "unrelated.png"):
        image.imsave(tmp_path / name, np.zeros((2, 2, 3)))
    write_report(tmp_path, RESULTS, BLOCKS, {"seed": 0, "note": "<script>"})
    page = (tmp_path / "report.html").read_text()
    assert "0.9712" in page
    assert "0.9600 to 0.9800" in page
    assert "-12.5" in page
    assert "0.8125" in page
    assert page.count("data:image/png;base64,") == 3
    # Nothing is fetched: the page opens without a server.
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert not re.search(r"url\(|@import|https?:", page)
    assert "<script>" not in page


def rows_of(page):
    """Heading of a row -> column -> text, of the collapsed sections."""
    found = {}
    for row in re.findall(r"<tr(?: title=\".*?\")?>(.*?)</tr>", page, re.DOTALL):
        name = re.search(r"<th scope=\"row\".*?>(.*?)</th>", row)
        cells = re.findall(r"data-column=\"(.*?)\">\s*(?!<)(.*?)</td>", row)
        if name:
            found[name[1]] = dict(cells)
    return found


def test_no_raw_key_stands_on_the_page(tmp_path):
    write_report(tmp_path, RESULTS, BLOCKS, {})
    page = (tmp_path / "report.html").read_text()
    assert not [name for name in RESULTS if name in page]


def test_pictures_say_what_is_seen_and_tables_have_captions(tmp_path):
    for name in ("swap_digit.png", "samples.png", "maps.png"):
        image.imsave(tmp_path / name, np.zeros((2, 2, 3)))
    neighbors = {"digit": Table(["example", "neighbour 1"], [], [("", ["a <b>", "c"])])}
    about = {"seed": "3", "date": "2026-01-01"}
    write_report(tmp_path, RESULTS, BLOCKS, {}, neighbors=neighbors, about=about)
    page = (tmp_path / "report.html").read_text()
    assert "seed: 3 · date: 2026-01-01" in page
    alts = re.findall(r"<img [^>]*alt=\"(.*?)\"", page)
    assert len(alts) == 3
    assert all(len(text) > 30 for text in alts)
    # The grids stand before everything that is collapsed.
    assert page.index("A grid of images: recipients") < page.index("<details>")
    assert page.count("<table>") == page.count("<caption>") == page.count("</table>")
    assert "a &lt;b&gt;" in page
    assert page.count("<details>") == page.count("</details>")


def test_grids_tell_where_their_tiles_are_and_key_figures_their_intervals(tmp_path):
    figures.save_tiles(tmp_path / "swap_digit.png", np.zeros((3, 4, 2, 2, 3)), "digit exchanged")
    about = {"seed": "3", "versions": "keras 3"}
    write_report(tmp_path, RESULTS, BLOCKS, {}, about=about)
    page = (tmp_path / "report.html").read_text()
    (told,) = re.findall(r"<figure data-block=\"digit\" data-tiles='(.*?)'>", page)
    assert json.loads(told) == figures.read_places(tmp_path / "swap_digit.png")
    assert re.search(r'title="95 % interval: 0.9600 to 0.9800" tabindex="0">0.9712</td>', page)
    assert page.index("Key figures") < page.index("Blocks exchanged") < page.index("<details>")
    # What the run was made with is at the end.
    assert page.index("<p>Versions: keras 3.</p>") > page.index("Settings of this run")


def test_rows_have_titles_units_and_what_is_expected(tmp_path):
    write_report(tmp_path, RESULTS, BLOCKS, {})
    page = (tmp_path / "report.html").read_text()
    cells = rows_of(page)
    assert cells["digit exchanged: digit read as the donor&#39;s"] == {
        "value": "0.9712",
        "interval": "0.9600 to 0.9800",
        "unit": "fraction",
        "better": "higher",
        "perfect": "1",
        "meaningless": "chance",
    }
    leak = cells["residual tells of digit"]
    assert (leak["value"], leak["null"]) == ("0.1250", "0.0625")
    # A column in which nothing is said is left out.
    assert "interval" not in leak
    nll = cells["Negative log-likelihood, test"]
    assert (nll["unit"], nll["better"]) == ("nats per example", "lower")
    # Sections in the order of the vocabulary, none without a result.
    assert re.findall(r"<h2>(.*?)</h2>", page) == [
        "Verdict",
        "Key figures",
        "Exchanged blocks",
        "What the blocks tell",
        "Judges and probes",
        "Continuous factors",
        "Likelihood",
        "Settings of this run",
    ]


def test_the_tables_can_be_pasted(tmp_path):
    write_report(tmp_path, RESULTS, BLOCKS, {})
    table = (tmp_path / "swaps.md").read_text().splitlines()
    assert table[-1] == (
        "| digit exchanged: digit read as the donor's | 0.9712 | 0.9600 to 0.9800 | fraction "
        "| higher |"
    )
    assert len({line.count("|") for line in table}) == 1
    table = (tmp_path / "disentanglement.md").read_text().splitlines()
    assert table[-1].endswith("| share of variance | lower | 0.0625 |")


def test_a_run_without_judges_has_no_table_of_swaps(tmp_path):
    write_report(tmp_path, Results.from_metrics({"nll/test": -12.5}), ["residual"], {})
    assert not (tmp_path / "swaps.md").exists()


def test_what_was_said_of_the_pairs_is_in_the_report(tmp_path):
    write_report(tmp_path, RESULTS, BLOCKS, {}, ["'digit' tells <color>"])
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<li>&#39;digit&#39; tells &lt;color&gt;</li>" in page
