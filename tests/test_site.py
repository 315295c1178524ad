"""The documentation site: what it makes of docstrings, its notebooks, and the whole of it."""

import html
import importlib.util
import os
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Ten of each kind: text, tables, formulas, pictures, a notebook, a reference, the search.
PAGES = (
    "index",
    "notebooks/first_run",
    "how_it_works",
    "glossary",
    "experiments",
    "measures",
    "gallery",
    "serving",
    "explorer",
    "generated/api_iin_tf",
)
# What a browser fetches by itself.
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|embed)[^>]*?\ssrc=[\"']([^\"']*)"
    r"|<link(?![^>]*rel=[\"'](?:canonical|next|prev)[\"'])[^>]*?\shref=[\"']([^\"']*)"
    r"|url\([\"']?([^\"')]*)|@import [\"']([^\"']*)"
)


def part(name):
    """A module of docs/site_parts; they import Sphinx only where they must."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"docs/site_parts/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "rst"),
    [
        # Code may end within a word, and go over lines; it is nothing to escape.
        ("`Result`s of `a *\n  b`", "``Result``\\ s of ``a * b``\\ "),
        ("|z| times *args, log_p", "\\|z\\| times \\*args, log_p"),
        ("The density:\n\n  a_k * |b|\n\nand so on", "The density::\n\n  a_k * |b|\n\nand so on"),
    ],
)
def test_docstrings_are_shown_as_they_stand(text, rst):
    assert part("docstrings").as_rst(text) == rst


def test_pages_at_the_root_are_linked_to_their_copies():
    text = "[a](../CHANGELOG.md), [b](../CONTRIBUTING.md#habits), [c](pairs.md), [d](../other.md)"
    assert part("links").to_copies(text) == (
        "[a](generated/changelog.md), [b](generated/contributing.md#habits), [c](pairs.md), "
        "[d](../other.md)"
    )


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<script async="async" src="https://a.b/c.js"></script>', "https://a.b/c.js"),
        ('<link rel="stylesheet" href="//a.b/c.css"/>', "//a.b/c.css"),
        ("body { background: url('http://a.b/c.png') }", "http://a.b/c.png"),
    ],
)
def test_the_search_for_fetched_addresses_sees_them(page, found):
    assert [one for ones in FETCHED.findall(page) for one in ones if one] == [found]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built."""
    if importlib.util.find_spec("myst_nb") is None:
        pytest.skip("myst_nb is not installed; bin/docs installs it")
    site = tmp_path_factory.mktemp("site") / "html"
    result = subprocess.run(
        [sys.executable, "-m", "sphinx", "--fail-on-warning", "-b", "html", ROOT / "docs", site],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return site


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_fetches_nothing(site):
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        addresses = [one for ones in FETCHED.findall(path.read_text()) for one in ones if one]
        foreign = [one for one in addresses if re.match(r"(https?:)?//", one)]
        assert not foreign, f"{path.name} fetches {foreign}"
    # Formulas are there without a script, and the search has an index of its own.
    assert "<mfrac>" in (site / "how_it_works.html").read_text()
    assert "leakag" in (site / "searchindex.js").read_text()
    assert (
        'id="iin_tf.InterpretationNetwork.swap"' in (site / "generated/api_iin_tf.html").read_text()
    )


@pytest.mark.slow
def test_links_within_the_site_lead_somewhere(site):
    for page in site.rglob("*.html"):
        for target in re.findall(r'<a [^>]*?href="([^"]*)"', page.read_text()):
            path, _, anchor = html.unescape(target).partition("#")
            if re.match(r"[a-z]+:", path):
                continue
            found = (page.parent / path).resolve() if path else page
            assert found.exists(), f"{page.name} links to {target}"
            if anchor and found.suffix == ".html":
                ids = f'id="{urllib.parse.unquote(anchor)}"'
                assert ids in found.read_text(), f"{page.name} links to {target}"


@pytest.mark.slow
def test_the_search_finds_a_page_without_a_network(site, open_page):
    page = open_page(f"{(site / 'search.html').as_uri()}?q=leakage")
    page.wait_for_selector("#search-results li a")
    assert page.locator("#search-results li a", has_text="Measures").count()


@pytest.mark.slow
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_accessible_and_narrow(site, open_page, serious_findings, name, theme, width):
    how = {"viewport": {"width": width, "height": 900}, "color_scheme": theme}
    page = open_page((site / f"{name}.html").as_uri(), **how)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert serious_findings(page) == []
