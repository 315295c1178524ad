"""The examples that users read run as they stand."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from iin_tf.experiment.config import key_paths

ROOT = Path(__file__).parents[1]
EVERY_PAGE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md",
              *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))  # fmt: skip
# Their Python blocks need nothing but the package, and run one after the other.
PAGES = tuple(
    page
    for page in EVERY_PAGE
    if page != "docs/serving.md" and "```python\n" in (ROOT / page).read_text()
)


def run_python(code, folder):
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-2000:]


@pytest.mark.parametrize("page", PAGES)
def test_python_blocks_run(page, tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert blocks
    run_python("\n".join(blocks), tmp_path)


def test_blocks_of_serving_run_on_an_export(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/serving.md").read_text(), re.DOTALL)
    # What the page takes from a finished quickstart; the last block talks to a server.
    before = """
import numpy as np, pathlib
import iin_tf
layout = iin_tf.FactorLayout({"digit": 15, "color": 16}, residual=33)
network = iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, seed=0)
pathlib.Path("runs/quickstart").mkdir(parents=True)
network.save("runs/quickstart/iin.keras")
for name in ("z", "donor"):
    np.save(name, np.random.default_rng(0).normal(size=(3, 64)).astype(np.float32))
"""
    run_python("\n".join([before, *blocks[:-1], "assert z_new.shape == (3, 64)"]), tmp_path)
    assert "grpc.insecure_channel" in blocks[-1]


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_links_and_pictures_exist(page):
    prose = re.sub(r"```.*?```", "", (ROOT / page).read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)\)", prose):
        assert "://" in target or ((ROOT / page).parent / target).exists(), target


def test_readme_names_every_page():
    more = (ROOT / "README.md").read_text().partition("\n## More\n")[2]
    assert set(re.findall(r"\]\(([^)#:]+\.md)\)", more)) == set(EVERY_PAGE) - {"README.md"}


# The changelog names what is no more.
@pytest.mark.parametrize("page", sorted({*EVERY_PAGE} - {"CHANGELOG.md"}))
def test_files_keys_and_names_are_todays(page):
    text = (ROOT / page).read_text()
    for path in re.findall(r"(?<![\w/])(?:iin_tf|benchmarks|bin|configs|tests)/[\w/.]*\w", text):
        assert (ROOT / path).exists(), path
    for name in re.findall(r"`([\w/]+\.py)`", text):
        assert any(ROOT.rglob(name)), name
    for key in re.findall(r"--config\.([a-z_.]+)=", text):
        assert key in key_paths(), key
    for name in re.findall(r"(?<![\w/.])iin_tf(?:\.[A-Za-z_]\w*)+", text):
        assert resolved(name), name


def resolved(name):
    """What a dotted name stands for; a module that was not imported yet is one too."""
    found = importlib.import_module("iin_tf")
    for part in name.split(".")[1:]:
        try:
            found = getattr(found, part)
        except AttributeError:
            found = importlib.import_module(f"{found.__name__}.{part}")
    return found
