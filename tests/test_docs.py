"""The examples that users read run as they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Pages whose Python blocks need nothing but the package; they run one after the other.
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/first_stages.md",
    "docs/pairs.md",
    "docs/audits.md",
    "docs/measures.md",
    "docs/results.md",
)


@pytest.mark.parametrize("page", PAGES)
def test_python_blocks_run(page, tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert blocks
    result = subprocess.run(
        [sys.executable, "-c", "\n".join(blocks)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-2000:]


EVERY_PAGE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md",
              *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))  # fmt: skip


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_links_and_pictures_exist(page):
    prose = re.sub(r"```.*?```", "", (ROOT / page).read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)\)", prose):
        assert "://" in target or ((ROOT / page).parent / target).exists(), target


def test_readme_names_every_page():
    more = (ROOT / "README.md").read_text().partition("\n## More\n")[2]
    assert set(re.findall(r"\]\(([^)#:]+\.md)\)", more)) == set(EVERY_PAGE) - {"README.md"}
