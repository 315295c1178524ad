"""What users import: lazily, quickly, and whatever was imported before."""

import importlib
import subprocess
import sys

import pytest

ROOMS = (
    "iin_tf",
    "iin_tf.audits",
    "iin_tf.data",
    "iin_tf.experiment",
    "iin_tf.models",
    "iin_tf.reporting",
    "iin_tf.serving",
    "iin_tf.training",
)


def names():
    for room in ROOMS:
        module = importlib.import_module(room)
        for name, home in module._PUBLIC.items():
            yield room, name, home


@pytest.mark.parametrize(("room", "name", "home"), names())
def test_a_name_is_the_same_before_and_after_its_module_is_imported(room, name, home):
    room = importlib.import_module(room)
    once = getattr(room, name)
    # A module of the same name would hide what it defines.
    module = importlib.import_module(home)
    assert once in (module, getattr(module, name, module))
    assert getattr(room, name) is once


def test_an_unknown_name_is_an_attribute_error():
    import iin_tf

    with pytest.raises(AttributeError, match="no attribute 'Network'"):
        _ = iin_tf.Network


def test_import_loads_nothing_heavy():
    code = "import iin_tf, sys; print({'tensorflow', 'keras', 'numpy', 'scipy'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "set()"


def test_a_config_is_read_without_tensorflow():
    # Its notices would stand before the one line that names a mistake.
    code = "import iin_tf.experiment.config, sys; print({'tensorflow', 'keras'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "set()"
