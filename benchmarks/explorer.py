#!/usr/bin/env python3
"""The explorer of a finished run in a real browser: how soon it answers, and what it looks like.

Opens the page in Chromium without a screen, moves a slider of the first block by its keys, and
measures in the browser from the key to the picture.  Prints a Markdown table; writes explorer.md
and screenshots to --output.  Needs the extras `explore` and `browser`, and Chromium on the path.
"""

import contextlib
import io
import shutil
import socket
import sys
from pathlib import Path

import numpy as np
from absl import app, flags
from PIL import Image
from playwright.sync_api import sync_playwright

from iin_tf import files
from iin_tf.explorer import open_served, open_workdir
from iin_tf.explorer.launch import launch
from iin_tf.results.markdown import markdown

_WORKDIR = flags.DEFINE_string("workdir", "runs/quickstart", "Of a finished run.")
_URL = flags.DEFINE_string("url", "", "In place of a workdir: of a served export.")
_MOVES = flags.DEFINE_integer("moves", 100, "Moves of the slider.")
_OUTPUT = flags.DEFINE_string("output", "runs/benchmarks", "Directory of the results.")
_PHONE, _SCREEN = (390, 844), (1280, 1000)
# Name of a picture -> size of the window, theme, tab.
_SHOTS = {
    "explorer_blocks": (_SCREEN, "light", "Blocks"),
    "explorer_grid": (_SCREEN, "dark", "Grid"),
    "explorer_neighbours": (_SCREEN, "light", "Neighbours"),
    "explorer_map": (_SCREEN, "light", "Map"),
    "explorer_phone_light": (_PHONE, "light", "Blocks"),
    "explorer_phone_dark": (_PHONE, "dark", "Map"),
}
# From the next key to another picture, in milliseconds.
_WATCH = """() => {
  const stage = document.querySelector("#stage"), before = stage.innerHTML;
  window.took = null;
  let start = null;
  document.addEventListener("keydown", () => { start = performance.now(); },
                            { once: true, capture: true });
  const seen = new MutationObserver(() => {
    if (start === null || stage.innerHTML === before) return;
    seen.disconnect();
    requestAnimationFrame(() => { window.took = performance.now() - start; });
  });
  seen.observe(stage, { subtree: true, childList: true, attributes: true, characterData: true });
}"""


def main(argv):
    if argv[1:]:
        sys.exit(f"explorer.py takes no arguments but flags; got {argv[1:]}")
    output = Path(_OUTPUT.value)
    output.mkdir(parents=True, exist_ok=True)
    explorer = open_served(_URL.value) if _URL.value else open_workdir(_WORKDIR.value)
    with served(explorer) as address, chromium() as browser:
        milliseconds = moved(browser, address)
        for name, how in _SHOTS.items():
            photograph(browser, address, output / f"{name}.png", *how)
    table = markdown(
        ["from a key to the picture", "median", "95 %", "longest"],
        [["milliseconds", *(round(at) for at in np.quantile(milliseconds, [0.5, 0.95, 1]))]],
    )
    print(table)
    files.write_text(output / "explorer.md", table)


@contextlib.contextmanager
def served(explorer):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page, address = launch(explorer, port, block=False)
    yield address
    page.close()


@contextlib.contextmanager
def chromium():
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(browser, address, size=_SCREEN, theme="light"):
    viewport = {"width": size[0], "height": size[1]}
    page = browser.new_context(viewport=viewport, color_scheme=theme).new_page()
    page.goto(address)
    page.wait_for_selector("#stage figure.after")
    return page


def moved(browser, address):
    """Milliseconds of every move of the slider towards the donor."""
    page = opened(browser, address)
    slider, found = page.locator("#block_0_0 input[type=range]"), []
    for move in range(_MOVES.value):
        slider.focus()
        page.evaluate(_WATCH)
        # There and back: every move changes the picture.
        page.keyboard.press("ArrowRight" if move // 20 % 2 == 0 else "ArrowLeft")
        page.wait_for_function("window.took !== null")
        found.append(page.evaluate("window.took"))
    return found


def photograph(browser, address, path, size, theme, tab):
    """The page with the donor's first block in the example, of the window's size."""
    page = opened(browser, address, size, theme)
    page.click("#take_0")
    page.wait_for_timeout(1000)
    page.get_by_role("tab", name=tab).click()
    page.wait_for_timeout(3000)
    if size == _PHONE:
        page.locator("#stage").evaluate("(stage) => stage.scrollIntoView()")
        page.wait_for_timeout(300)
    shot = Image.open(io.BytesIO(page.screenshot(full_page=size == _SCREEN)))
    # Few colours: a third of the bytes.
    shot.convert("RGB").quantize(128).save(path, optimize=True)
    page.context.close()


if __name__ == "__main__":
    app.run(main)
