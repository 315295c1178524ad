"""What a user's own classes and readers raise is said as the user's."""

import re
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from processes import run_program

from iin_tf.data import LazyRows
from iin_tf.data.labels import group_codes
from iin_tf.experiment.config_file import load_module
from iin_tf.experiment.own_errors import own_fault
from iin_tf.first_stages import KerasFirstStage, map_batches

ROOT = Path(__file__).parents[2]
FILE = """
import keras
import numpy as np
import tensorflow as tf

from iin_tf.data import LazyRows
from iin_tf.experiment import default_config
from iin_tf.first_stages import FirstStage


class Stage(FirstStage):
    input_spec = tf.TensorSpec([None, 4])

    def represent(self, x):
        if x.shape[1] != 4:
            raise TypeError(f"wanted 4 columns,\\ngot {x.shape[1]}")
        return tf.cast(x, tf.float32)


def read(rows):
    return {}[rows[0]]


def prepare(x):
    return x.no_such_thing


def model():
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(3)(inputs))


def get_config():
    config = default_config()
    config.data.source = config.first_stage.kind = "python"
    config.data.factors = ("kind",)
    config.sizes.fixed, config.sizes.compare = (2,), False
    return config


def get_data(config, split):
    x = np.random.default_rng(0).normal(size=(100, 5)).astype(np.float32)
    return {"x": x, "labels": {"kind": np.arange(100) % 2}}


def get_first_stage(config):
    return Stage(4, noise=0.1)
"""


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own.py").write_text(FILE)
    return load_module(str(tmp_path / "own.py"), "code")


def fails(kind, own):
    x = np.zeros((2, 5), np.float32)
    stage = own.Stage(4, noise=0.1)
    if kind == "represent":
        stage.represent(x)
    elif kind == "in a graph":
        tf.function(stage.represent)(tf.constant(x))
    elif kind == "in batches":
        list(map_batches(stage.represent, x))
    elif kind == "read":
        np.asarray(LazyRows(own.read, (2, 3), np.float32))
    else:
        KerasFirstStage(own.model(), noise=0.1, prepare=own.prepare).encode(x[:, :4])


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("represent", "represent", "TypeError: wanted 4 columns, got 5"),
        ("in a graph", "represent", "TypeError: wanted 4 columns, got 5"),
        ("in batches", "represent", "TypeError: wanted 4 columns, got 5"),
        ("read", "read", r"KeyError: (np.int64\(0\)|0)"),
        ("prepare", "prepare", "AttributeError: .*no_such_thing'"),
    ],
)
def test_function_file_and_error_are_named(kind, name, message, own):
    with pytest.raises(Exception, match=r"4 columns|0|no_such_thing") as caught:
        fails(kind, own)
    # This test is own code too, which called the package: the place is the inner one.
    said = own_fault(caught.value)
    assert re.fullmatch(rf"{name} of \S*own\.py raises {message} \(own\.py:\d+\)", said)


def test_a_fault_of_the_package_is_none_of_the_users():
    # This test called it, but it failed in there.
    with pytest.raises(AttributeError, match="NoneType") as caught:
        group_codes(None)
    assert own_fault(caught.value) is None


def test_a_program_says_it_on_one_line(tmp_path):
    (tmp_path / "own.py").write_text(FILE)
    result = run_program("iin_run", "--config=own.py", "--workdir=run", folder=tmp_path)
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert re.fullmatch(
        r"error: represent of \S*own\.py raises TypeError: wanted 4 columns, got 5 "
        r"\(own\.py:16\); that is your own code: mend it, --traceback shows more",
        last,
    )
