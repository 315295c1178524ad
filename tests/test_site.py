"""The documentation site: what it makes of docstrings, its notebooks, and the whole of it."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from processes import run_code

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.md"))
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
    ("html", "found"),
    [
        ('<script async="async" src="https://a.b/c.js"></script>', "https://a.b/c.js"),
        ('<link rel="stylesheet" href="//a.b/c.css"/>', "//a.b/c.css"),
        ("body { background: url('http://a.b/c.png') }", "http://a.b/c.png"),
    ],
)
def test_the_search_for_fetched_addresses_sees_them(html, found):
    assert [one for ones in FETCHED.findall(html) for one in ones if one] == [found]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run_from_top_to_bottom(notebook, tmp_path):
    cells = re.findall(r"```{code-cell} python\n(.*?)```", notebook.read_text(), re.DOTALL)
    assert cells
    result = run_code("\n".join(cells), folder=tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_fetches_nothing(tmp_path):
    if importlib.util.find_spec("myst_nb") is None:
        pytest.skip("myst_nb is not installed; bin/docs installs it")
    site = tmp_path / "html"
    result = subprocess.run(
        [sys.executable, "-m", "sphinx", "--fail-on-warning", "-b", "html", ROOT / "docs", site],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-3000:]
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
