"""Files beside the package say what the package says."""

import re
from pathlib import Path

import iin_tf

ROOT = Path(__file__).parents[1]


def test_the_citation_names_the_version():
    found = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert found[1] == iin_tf.__version__


def test_every_program_is_installed_and_runs_as_one():
    for program in (ROOT / "bin").glob("iin_*"):
        assert program.stat().st_mode & 0o111, program.name
        assert program.read_text().startswith("#!/usr/bin/env python3\n"), program.name
