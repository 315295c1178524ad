import re

import numpy as np
from matplotlib import image

from iin_tf import FactorLayout
from iin_tf.reporting.report import write_report

METRICS = {
    "swap/digit/digit/donor": 0.9712,
    "swap/digit/digit/donor/low": 0.96,
    "swap/digit/digit/donor/high": 0.98,
    "nll/test": -12.5,
    "readout/digit/angle/r2": 0.8125,
    "judge/digit/original": 0.997,
}


def test_the_page_holds_its_numbers_and_pictures(tmp_path):
    for name in ("swap_digit.png", "swap_residual.png", "samples.png", "unrelated.png"):
        image.imsave(tmp_path / name, np.zeros((2, 2, 3)))
    layout = FactorLayout({"digit": 2}, residual=2)
    write_report(tmp_path, METRICS, layout, {"seed": 0, "note": "<script>"})
    page = (tmp_path / "report.html").read_text()
    assert "0.9712" in page
    assert "0.9600 to 0.9800" in page
    assert "-12.5" in page
    assert "0.8125" in page
    assert page.count("data:image/png;base64,") == 3
    # Nothing is fetched: the page opens without a server.
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert "<script>" not in page


def test_the_table_can_be_pasted(tmp_path):
    write_report(tmp_path, METRICS, FactorLayout({"digit": 2}, residual=2), {})
    table = (tmp_path / "swaps.md").read_text().splitlines()
    assert table[-1] == "| digit | digit | donor | 0.9712 | 0.9600 to 0.9800 |"
    assert len({line.count("|") for line in table}) == 1


def test_a_run_without_judges_has_no_table_of_swaps(tmp_path):
    write_report(tmp_path, {"nll/test": -12.5}, FactorLayout({}, residual=2), {})
    assert not (tmp_path / "swaps.md").exists()
