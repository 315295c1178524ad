"""The house keeps its shape: imports run down, files are short, public names are typed."""

import ast
import functools
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "iin_tf"
# From the ground up: a room may import what stands before it, and itself.
FLOORS = (
    "lazy",
    "checks",
    "versions",
    "temporaries",
    "limits",
    "files",
    "digests",
    "locks",
    "interruption",
    "workers",
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
    "shared_directions",
    "factor_sizes",
    "factor_transformer",
    "measures",
    "audits",
    "settings",
    "reporting",
    "serving",
    "experiment",
    "explorer",
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
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("iin_tf."))
        elif isinstance(node, ast.ImportFrom) and node.module == "iin_tf":
            yield from (f"iin_tf.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("iin_tf."):
            yield node.module


@functools.cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


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
    assert len(path.read_text(encoding="utf-8").splitlines()) <= most


# Public names are typed and described


def public_functions(body, owner=None):
    """(class or None, function) of every public function, and method of a public class."""
    for node in body:
        name = getattr(node, "name", "_")
        if name.startswith("_") and name not in ("__init__", "__call__"):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield owner, node
        elif isinstance(node, ast.ClassDef):
            yield from public_functions(node.body, node)


def untyped(owner, function):
    """Names of the arguments without a type, and "return" where that has none."""
    given = function.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    arguments += [one for one in (given.vararg, given.kwarg) if one is not None]
    decorators = [getattr(one, "id", "") for one in function.decorator_list]
    if owner is not None and "staticmethod" not in decorators:
        arguments = arguments[1:]
    missing = [one.arg for one in arguments if one.annotation is None]
    # What these two return, everybody knows.
    known = function.name in ("__init__", "__call__")
    return missing + ["return"] * (function.returns is None and not known)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_functions_are_typed(path):
    found = [
        f"{path.name}:{function.lineno} {function.name}: {names}"
        for owner, function in public_functions(parsed(path).body)
        if (names := untyped(owner, function))
    ]
    assert not found


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x): pass", ["x", "return"]),
        ("def f(*parts, **more: int) -> None: pass", ["parts"]),
        ("class C:\n    def f(self, x: int): pass", ["return"]),
        ("class C:\n    @staticmethod\n    def f(x) -> None: pass", ["x"]),
        ("def f(x: int, *, y: str = '') -> None: pass", []),
    ],
)
def test_the_rule_sees_what_has_no_type(source, names):
    ((owner, function),) = public_functions(ast.parse(source).body)
    assert untyped(owner, function) == names


# Keras calls these, and says what they are for.
OF_KERAS = {
    "build",
    "call",
    "compile_from_config",
    "from_config",
    "get_config",
    "get_metrics_result",
    "on_epoch_begin",
    "on_epoch_end",
    "on_train_batch_end",
    "on_train_begin",
    "on_train_end",
    "reset_metrics",
    "result",
    "test_step",
    "train_step",
    "update_step",
}


def described():
    """Names of methods that some class of the package describes: its overrides need not."""
    trees = [parsed(path) for path in MODULES]
    return {
        function.name
        for tree in trees
        for owner, function in public_functions(tree.body)
        if owner is not None and ast.get_docstring(function)
    }


def test_methods_without_a_docstring_are_overrides():
    known = described() | OF_KERAS | {"__init__", "__call__"}
    found = [
        f"{path.name}:{function.lineno} {owner.name}.{function.name}"
        for path in MODULES
        for owner, function in public_functions(parsed(path).body)
        if owner is not None and not ast.get_docstring(function) and function.name not in known
    ]
    assert not found


# One type of error for what users give, one module's private names are its own


def bare_errors(tree):
    """Lines that raise the error that `InputError` stands for."""
    for node in ast.walk(tree):
        raised = node.exc if isinstance(node, ast.Raise) else None
        raised = raised.func if isinstance(raised, ast.Call) else raised
        if getattr(raised, "id", None) in ("ValueError", "RuntimeError", "Exception"):
            yield node.lineno


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_what_users_give_wrong_is_an_input_error(path):
    assert not list(bare_errors(parsed(path))), "raise InputError: argument, value, mend"


@pytest.mark.parametrize("line", ["raise ValueError", "raise ValueError('x is 0; give 1')"])
def test_the_rule_sees_bare_errors(line):
    assert list(bare_errors(ast.parse(line)))


def private_names(tree):
    """Private names that a module takes from another module of the package."""
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("iin_tf"):
            for alias in node.names:
                modules.add(alias.asname or alias.name)
                if alias.name.startswith("_"):
                    yield alias.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and re.match(r"_[^_]", node.attr):
            owner = getattr(node.value, "id", None)
            inherited = owner in ("self", "cls") or isinstance(node.value, ast.Call)
            if owner in modules or not (inherited or node.attr in made_in(tree)):
                yield node.attr


def made_in(tree):
    """Names of what a module defines, and of the attributes that it sets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.AnnAssign | ast.Assign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (one.id for one in targets if isinstance(one, ast.Name))


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.parent.name != "private_apis"], ids=name_of
)
def test_private_names_stay_in_their_module(path):
    assert not list(private_names(parsed(path)))


@pytest.mark.parametrize(
    "source",
    [
        "from iin_tf.models.walks import _path",
        "from iin_tf import algebra\nalgebra._where(1)",
        "def f(network):\n    return network._rows(1)",
    ],
)
def test_the_rule_sees_private_names(source):
    assert list(private_names(ast.parse(source)))
