"""Files beside the package say what the package says."""

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import iin_tf

ROOT = Path(__file__).parents[1]


def test_the_citation_names_the_version():
    found = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert found[1] == iin_tf.__version__


def test_every_program_is_installed_and_runs_as_one():
    for program in (ROOT / "bin").glob("iin_*"):
        assert program.stat().st_mode & 0o111, program.name
        assert program.read_text().startswith("#!/usr/bin/env python3\n"), program.name


def test_every_page_of_docs_stands_in_the_contents_of_the_site():
    contents = re.findall(
        r"```{toctree}\n(?::[^\n]*\n)*\n([^`]*)```", (ROOT / "docs/index.md").read_text()
    )
    named = [line for block in contents for line in block.split() if "generated" not in line]
    pages = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").glob("*.md")]
    pages += [path.relative_to(ROOT / "docs") for path in (ROOT / "docs/notebooks").glob("*.md")]
    assert sorted(named) == sorted(
        str(page.with_suffix("")) for page in pages if page.name != "index.md"
    )


def test_the_lock_holds_every_requirement_within_its_range_with_digests():
    text = (ROOT / "requirements.lock").read_text()
    locked = dict(re.findall(r"^([\w.-]+)==(\S+) \\$", text, re.MULTILINE))
    for requirement in map(Requirement, metadata.requires("iin_tf")):
        if requirement.marker is None:
            name = canonicalize_name(requirement.name)
            assert requirement.specifier.contains(locked[name]), name
    for entry in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in entry


def test_every_build_of_the_site_runs_the_notebooks_and_stands_in_the_tests_of_the_repository():
    settings = (ROOT / "docs/conf.py").read_text()
    assert 'nb_execution_mode = "force"' in settings
    assert "nb_execution_raise_on_error = True" in settings
    assert {"bin/test", "bin/docs"} <= {*(ROOT / ".ci/run").read_text().splitlines()}
