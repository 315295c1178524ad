"""The benchmarks are programs beside the package: their folder is on the path of no install."""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
# Modules of earlier tests live on: absl tells one that is imported again by its id, and a new one
# that took the id of a freed one defines its flags twice.
_IMPORTED = []


@pytest.fixture(autouse=True)
def _benchmarks_importable(monkeypatch):
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield
    # Names as plain as `results` must not shadow another test's module.
    for name in set(sys.modules) - before:
        if str(BENCHMARKS) in str(getattr(sys.modules[name], "__file__", "")):
            _IMPORTED.append(sys.modules.pop(name))
