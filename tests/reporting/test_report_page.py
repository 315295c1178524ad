"""The report in a real browser: chosen tiles, narrow and dark, on paper, for screen readers."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from iin_tf.reporting import figures
from iin_tf.reporting.report import write_report
from iin_tf.results import Results

pytestmark = pytest.mark.slow
BLOCKS = ("residual", "digit")
METRICS = {
    "strongest/digit/digit/accuracy": 0.99,
    "strongest/digit/digit/accuracy/null": 0.1,
    "strongest/residual/digit/accuracy": 0.12,
    "strongest/residual/digit/accuracy/null": 0.1,
    "probe/digit": 0.99,
    "swap/digit/digit/donor": 0.9712,
    "swap/digit/digit/donor/low": 0.96,
    "swap/digit/digit/donor/high": 0.98,
    "swap/residual/digit/recipient": 0.95,
    "leakage/residual/digit": 0.125,
    "nll/test": -12.5,
}
# Each tile of one colour: recipients differ in red, donors in green.
ROWS, COLUMNS = 4, 6


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    directory = tmp_path_factory.mktemp("report")
    red, green = np.meshgrid(np.arange(ROWS) / 4, np.arange(COLUMNS) / 6, indexing="ij")
    colors = np.stack([red, green, np.full_like(red, 0.5)], axis=-1)
    tiles = np.broadcast_to(colors[:, :, None, None], (ROWS, COLUMNS, 8, 8, 3))
    for block in BLOCKS:
        figures.save_tiles(directory / f"swap_{block}.png", tiles, block, "recipients", "donors")
    write_report(directory, Results.from_metrics(METRICS), BLOCKS, {"seed": 0}, ["a warning"])
    return (directory / "report.html").as_uri(), colors


def shown(page, number):
    """The colour in the middle of one of the enlarged tiles of the first grid."""
    canvas = page.locator("figure").first.locator("canvas").nth(number)
    png = canvas.evaluate("(canvas) => canvas.toDataURL()").partition(",")[2]
    with Image.open(io.BytesIO(base64.b64decode(png))) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    return pixels[pixels.shape[0] // 2, pixels.shape[1] // 2] / 255


def expect_chosen(page, colors, recipient, donor):
    places = [(recipient, 0), (0, donor), (recipient, donor)]
    found = [shown(page, number) for number in range(3)]
    # A grey level of a PNG.
    np.testing.assert_allclose(found, [colors[place] for place in places], atol=1.01 / 255)


def test_a_recipient_and_a_donor_are_chosen_by_click_and_by_keys(open_page, report):
    address, colors = report
    page = open_page(address)
    expect_chosen(page, colors, 1, 1)
    figure = page.locator("figure").first
    size = figure.locator("img").bounding_box()
    at = figure.evaluate("(figure) => JSON.parse(figure.dataset.tiles)")
    x = (at["left"] + 4.5 * at["across"]) * size["width"]
    y = (at["top"] + 2.5 * at["down"]) * size["height"]
    figure.locator("img").click(position={"x": x, "y": y})
    expect_chosen(page, colors, 2, 4)
    figure.get_by_label("recipient", exact=True).first.press("ArrowRight")
    expect_chosen(page, colors, 3, 4)
    # The other grid stays as it was.
    assert page.locator("figure").nth(1).locator("input").first.input_value() == "1"


def test_a_laptops_first_screen_holds_verdict_key_figures_and_grids(open_page, report):
    page = open_page(report[0], viewport={"width": 1280, "height": 800})
    page.locator("canvas").first.wait_for()
    for part in (".cards", ".key", "figure[data-tiles]"):
        box = page.locator(part).last.bounding_box()
        assert box["y"] + box["height"] <= 800


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_cut_off_and_intervals_are_seen(open_page, report, width):
    page = open_page(report[0], viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.get_by_title("95 % interval: 0.9600 to 0.9800").count() == 2


def test_on_paper_it_takes_few_pages_without_what_is_to_be_clicked(open_page, report):
    page = open_page(report[0])
    pdf = page.pdf(format="A4")
    assert pdf.count(b"/Type /Page\n") <= 3
    page.emulate_media(media="print")
    assert not page.locator(".pick").first.is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_report_is_accessible(open_page, report, serious_findings, width, theme):
    page = open_page(report[0], viewport={"width": width, "height": 900}, color_scheme=theme)
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    assert serious_findings(page) == []
