"""The house keeps its shape: imports run down, files are short, public names are typed."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "iin_tf"
# From the ground up: a room may import what stands before it, and itself.
FLOORS = (
    "lazy",
    "checks",
    "temporaries",
    "files",
    "seeds",
    "results",
    "statistics",
    "factors",
    "algebra",
    "private_apis",
    "optimizers",
    "bijectors",
    "distributions",
    "data",
    "first_stages",
    "models",
    "training",
    "factor_sizes",
    "factor_transformer",
    "measures",
    "audits",
    "reporting",
    "serving",
    "experiment",
)
MOST_LINES = 250
# File -> why it is longer.
LONGER = {}

MODULES = sorted(PACKAGE.rglob("*.py"))


def room(module):
    """The floor that a dotted module name belongs to, None for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


def imported(path):
    """Dotted names of the package's modules that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("iin_tf."))
        elif isinstance(node, ast.ImportFrom) and node.module == "iin_tf":
            yield from (f"iin_tf.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("iin_tf."):
            yield node.module


def name_of(path):
    return ".".join(("iin_tf", *path.relative_to(PACKAGE).with_suffix("").parts))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_down(path):
    own = room(name_of(path))
    if own == "__init__":
        return
    for module in imported(path):
        there = room(module)
        if there in FLOORS:
            assert FLOORS.index(there) <= FLOORS.index(own), f"{own} imports {module}"
        else:
            # A public name of the package, such as FactorLayout: only the top floors use these.
            assert FLOORS.index(own) >= FLOORS.index("serving"), f"{own} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_fit_on_a_few_screens(path):
    most = float("inf") if name_of(path) in LONGER else MOST_LINES
    assert len(path.read_text().splitlines()) <= most
