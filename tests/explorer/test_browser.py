"""The page in a real browser: what is seen is what the network says, and nothing else is asked."""

import base64
import io
import socket

import numpy as np
import pytest
from PIL import Image

from iin_tf.explorer import Change, View
from iin_tf.explorer.launch import launch

pytestmark = pytest.mark.slow
# Of one answer, in milliseconds, on a busy machine.
PATIENCE = 20_000


def free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


@pytest.fixture(scope="module")
def address(explorer):
    pytest.importorskip("gradio")
    page, address = launch(explorer, free_port(), block=False)
    yield address
    page.close()


@pytest.fixture
def visit(open_page, address):
    """A function that opens the page as one more visitor."""

    def open_one(**how):
        page = open_page(address, **how)
        page.wait_for_selector("#stage figure.after img")
        return page

    return open_one


def picture(page):
    """What is shown, pixel by pixel."""
    source = page.locator("#stage figure.after img").get_attribute("src")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))))


def expect_picture(page, explorer, view):
    """Waits until the picture is the network's own, and says where it is not."""
    expected = explorer.show(view).picture
    for _ in range(PATIENCE // 100):
        if np.array_equal(picture(page), expected):
            return
        page.wait_for_timeout(100)
    np.testing.assert_array_equal(picture(page), expected)


def choose(page, name, example):
    box = page.locator(f"#{name} input")
    box.fill(example)
    box.press("Enter")


def press(page, slider, key, times=1):
    page.locator(f"#{slider} input[type=range]").focus()
    for _ in range(times):
        page.keyboard.press(key)


def test_an_example_a_slider_and_a_donors_block_show_what_the_network_says(visit, explorer):
    page = visit()
    expect_picture(page, explorer, View("e0", "e1"))
    choose(page, "example", "e7")
    expect_picture(page, explorer, View("e7", "e1"))
    choose(page, "donor", "e9")
    press(page, "block_0_0", "ArrowRight", 10)
    expect_picture(page, explorer, View("e7", "e9", {"digit": Change(towards=0.5)}))
    page.click("#take_0")
    expect_picture(page, explorer, View("e7", "e9", {"digit": Change(towards=1.0)}))
    page.click("#reset_0")
    expect_picture(page, explorer, View("e7", "e9"))


def test_a_saved_picture_opens_and_the_copied_lines_are_those_of_the_view(visit, explorer):
    page = visit()
    page.click("#take_0")
    view = View("e0", "e1", {"digit": Change(towards=1.0)})
    expect_picture(page, explorer, view)
    with page.expect_download() as download:
        page.click("text=Save the picture")
    saved = np.asarray(Image.open(download.value.path()))
    np.testing.assert_array_equal(saved, explorer.show(view).picture)
    assert page.locator("#code textarea").input_value() == explorer.code(view)


def test_two_visitors_do_not_disturb_each_other(visit, explorer):
    first, second = visit(), visit()
    choose(first, "example", "e4")
    first.click("#take_0")
    press(second, "block_0_1", "ArrowRight", 5)
    whole, moved = {"digit": Change(towards=1.0)}, {"digit": Change(axes=(0.5, 0.0))}
    expect_picture(first, explorer, View("e4", "e1", whole))
    expect_picture(second, explorer, View("e0", "e1", moved))


def test_an_image_of_ones_own_and_a_file_that_is_none(visit, explorer, images, tmp_path):
    page = visit()
    Image.fromarray(images[11]).save(tmp_path / "mine.png")
    (tmp_path / "words.txt").write_text("no image")
    page.click("text=Use images of your own")
    page.locator("#own_example input[type=file]").set_input_files(tmp_path / "mine.png")
    expect_picture(page, explorer, View("e11", "e1"))
    page.locator("#own_donor input[type=file]").set_input_files(tmp_path / "words.txt")
    page.wait_for_selector("#stage [role=alert]")
    told = "example is 'words.txt', no image; the model takes images"
    assert told in page.locator("#stage").inner_text()
    choose(page, "donor", "e3")
    expect_picture(page, explorer, View("e11", "e3"))


def test_an_unknown_example_is_said_in_the_page(visit):
    page = visit()
    choose(page, "example", "e99")
    page.wait_for_selector("#stage [role=alert]")
    assert "'e99', which is no id" in page.locator("#stage").inner_text()


def test_a_seed_that_is_none_is_said_in_the_page(visit):
    page = visit()
    page.locator("#seed input").fill("-3")
    page.wait_for_selector("#stage [role=alert]")
    assert "seed is -3" in page.locator("#stage").inner_text()


def test_a_point_of_the_map_is_chosen_by_a_click_and_by_keys(visit, explorer):
    page = visit()
    page.get_by_role("tab", name="Map").click()
    page.wait_for_selector("#map circle[data-id]")
    page.locator('#map circle[data-id="e20"]').dispatch_event("click")
    expect_picture(page, explorer, View("e20", "e1"))
    page.locator("#map svg").focus()
    page.keyboard.press("ArrowLeft")
    chosen = page.locator("#map circle.chosen").get_attribute("data-id")
    page.keyboard.press("Enter")
    expect_picture(page, explorer, View(chosen, "e1"))


def test_grid_and_neighbours_come_when_they_are_looked_at(visit):
    page = visit()
    page.get_by_role("tab", name="Grid").click()
    page.wait_for_selector("#grid td img")
    assert page.locator("#grid td img").count() == 25
    page.get_by_role("tab", name="Neighbours").click()
    page.wait_for_selector("#neighbors img")
    assert page.locator("#neighbors img").count() == 8


@pytest.mark.parametrize(
    ("tab", "seen"), [("Grid", "#grid th img"), ("Neighbours", "#neighbors img")]
)
def test_an_open_tab_follows_another_example(visit, explorer, tab, seen):
    page = visit()
    page.get_by_role("tab", name=tab).click()
    page.wait_for_selector(seen)
    choose(page, "example", "e7")
    expect_picture(page, explorer, View("e7", "e1"))
    page.wait_for_selector(f"{seen}[alt^='e7']")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_needs_no_sideways_scrolling(visit, theme):
    page = visit(viewport={"width": 390, "height": 844}, color_scheme=theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_accessible(visit, serious_findings, width, theme):
    page = visit(viewport={"width": width, "height": 900}, color_scheme=theme)
    for tab, seen in {"Blocks": "#code", "Grid": "#grid td img", "Neighbours": "#neighbors img",
                      "Map": "#map circle"}.items():  # fmt: skip
        page.get_by_role("tab", name=tab).click()
        page.wait_for_selector(seen)
        assert serious_findings(page) == [], tab
