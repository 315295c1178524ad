"""Private names of other packages are read in one room alone."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "iin_tf"
ROOM = PACKAGE / "private_apis"
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != ROOM)
# Names of Keras's models and optimizers and of scikit-learn's trees, with an underscore.
OTHERS_NAMES = {
    "_all_reduce_sum_gradients",
    "_clip_gradients",
    "_get_variable_index",
    "_inbound_nodes",
    "_initial_epoch",
    "_keras_history",
    "_keras_mask",
    "_loss_tracker",
    "_maybe_symbolic_build",
    "_momentums",
    "_predictors",
    "_velocities",
}


def private_uses(tree):
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module)) if _is_private(module):
                yield module
            case ast.Import(names=names):
                yield from (name.name for name in names if _is_private(name.name))
            case ast.Attribute(attr=name) | ast.FunctionDef(name=name) if name in OTHERS_NAMES:
                yield name
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id=module), attr=name)):
                if (module, name) in {("keras", "src"), ("tf", "python"), ("tfp", "python")}:
                    yield f"{module}.{name}"


def _is_private(module):
    return ".python" in module or module.startswith("keras.src")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_private_names_stand_in_one_room(path):
    assert not list(private_uses(ast.parse(path.read_text(encoding="utf-8"))))


def test_the_room_itself_is_seen_to_use_them():
    # Or the search above finds nothing because it cannot.
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(ROOM.glob("*.py"))]
    found = {name for tree in trees for name in private_uses(tree)}
    assert found >= OTHERS_NAMES
    assert any("tensorflow_probability" in name for name in found)
