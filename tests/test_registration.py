"""Keras finds this package's classes by name, in any process and in any order of imports."""

import pathlib
import re
import subprocess
import sys

import keras
import numpy as np
import pytest

import iin_tf
from iin_tf import FactorLayout, FusedAdam, InterpretationNetwork, registration

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)
Z = np.random.default_rng(0).normal(size=(16, 6)).astype("float32")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A fitted network: saved, pickled by pickle and by joblib; its step after that."""
    import pickle

    import joblib

    folder = tmp_path_factory.mktemp("saved")
    network = InterpretationNetwork(LAYOUT, blocks=1, hidden=8, depth=0, seed=1)
    network.compile(FusedAdam(iin_tf.optimizers.ConstantThenLinear(0.01, 10, 0.5)))
    network.fit(Z, batch_size=16, shuffle=False, verbose=0)
    network.save(folder / "n.keras")
    (folder / "n.pickle").write_bytes(pickle.dumps(network))
    joblib.dump(network, folder / "n.joblib")
    network.fit(Z, batch_size=16, shuffle=False, verbose=0)
    np.save(folder / "z.npy", Z)
    np.save(folder / "after.npy", network.transform(Z))
    return folder


READERS = {
    "keras first": "import keras, iin_tf; network = keras.saving.load_model('n.keras')",
    "iin_tf first": "import iin_tf, keras; network = keras.saving.load_model('n.keras')",
    "tensorflow": (
        "import iin_tf, tensorflow as tf; network = tf.keras.models.load_model('n.keras')"
    ),
    "pickle": "import pickle; network = pickle.load(open('n.pickle', 'rb'))",
    "joblib": "import joblib; network = joblib.load('n.joblib')",
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_a_new_process_reads_it_and_goes_on(folder, reader):
    code = f"""
{reader}
import numpy as np
z = np.load("z.npy")
network.fit(z, batch_size=16, shuffle=False, verbose=0)
np.testing.assert_array_equal(network.transform(z), np.load("after.npy"))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_importing_the_package_imports_no_keras():
    code = "import sys, iin_tf; assert not {'keras', 'tensorflow', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_class_that_registers_itself_has_a_stand_in():
    root = pathlib.Path(iin_tf.__file__).parent
    registered = re.compile(r"register_keras_serializable\(.*\)\nclass (\w+)")
    found = {
        name: ".".join(["iin_tf", *path.relative_to(root).with_suffix("").parts])
        for path in root.rglob("*.py")
        for name in registered.findall(path.read_text())
    }
    assert found == registration.CLASSES
    for name in found:
        assert keras.saving.get_registered_object(f"iin_tf>{name}") is not None


def test_copies_are_whole_and_apart(folder):
    import copy

    network = iin_tf.load(folder / "n.keras")
    for twin in (copy.copy(network), copy.deepcopy(network)):
        np.testing.assert_array_equal(twin.transform(Z), network.transform(Z))
        assert int(twin.optimizer.iterations) == int(network.optimizer.iterations)
        before = network.transform(Z)
        twin.flow.actnorms.shift.assign(twin.flow.actnorms.shift + 1.0)
        np.testing.assert_array_equal(network.transform(Z), before)


def test_keras_exports_it_after_fit(folder, tmp_path):
    import tensorflow as tf

    network = iin_tf.load(folder / "n.keras")
    network.fit(Z, verbose=0)
    network.export(tmp_path / "exported", verbose=False)
    served = tf.saved_model.load(tmp_path / "exported")
    for rows in (0, 1, 16):
        found = served.serve(tf.constant(Z[:rows]))
        # Another graph may sum in another order.
        np.testing.assert_allclose(found, network.transform(Z[:rows]), rtol=1e-5, atol=1e-6)
