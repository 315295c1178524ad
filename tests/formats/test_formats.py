"""Files that were written before are read, and give what they gave; newer ones are refused."""

import json
import runpy
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

import iin_tf
from iin_tf import files
from iin_tf.checks import InputError
from iin_tf.data import LatentStore
from iin_tf.experiment import Workdir
from iin_tf.models import LinearNetwork, load_model

HERE = Path(__file__).parent
write = runpy.run_path(str(HERE / "write.py"))


def test_models_give_what_they_gave():
    found, recorded = write["read"](HERE), json.loads((HERE / "read.json").read_text())
    assert found.keys() == recorded.keys()
    for name, values in recorded.items():
        # float32 on another processor or library; numbers of order 1.
        np.testing.assert_allclose(found[name], values, rtol=1e-4, atol=1e-5, err_msg=name)


def test_a_network_is_whole_and_goes_on():
    network = iin_tf.load(HERE / "network.keras")
    assert network.layout == write["LAYOUT"]
    assert (network.flow.mixing, network.flow.front) == ("linear", "whiten")
    z = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
    network.fit((z, -z), np.arange(8) % 3, batch_size=8, verbose=0)
    assert int(network.optimizer.iterations) == 3


def test_a_store_has_its_rows_and_labels():
    store = LatentStore(HERE / "store")
    # float16 keeps three digits.
    np.testing.assert_allclose(store.mean, write["Z"], rtol=1e-3)
    np.testing.assert_array_equal(store.log_variance, -np.ones((2, 4)))
    np.testing.assert_array_equal(store.labels["digit"], [3, -1])
    np.testing.assert_array_equal(store.labels["name"], ["a", "b"])
    np.testing.assert_array_equal(store.source, [7, 8])
    np.testing.assert_array_equal(store.id, [0, 1])


def test_a_workdir_knows_what_was_done():
    workdir = Workdir(HERE / "workdir")
    assert workdir.is_done("pretrain", {"seed": 0, "data.factors": ["digit", "color"]})
    assert not workdir.is_done("train", {"seed": 0})
    assert workdir.versions("pretrain")["iin_tf"] == "0.1.0"
    assert workdir.layout() == write["LAYOUT"]


@pytest.mark.parametrize("name", ["network", "autoencoder", "classifier"])
@pytest.mark.parametrize(
    ("number", "error", "message"),
    [
        (9, files.NewerFormat, r"has format 9, and this iin_tf reads formats up to 1; update"),
        ("one", InputError, r"has format 'one', a number from 1 on is wanted"),
    ],
)
def test_a_saved_model_of_another_format_is_refused(tmp_path, name, number, error, message):
    path = tmp_path / f"{name}.keras"
    with zipfile.ZipFile(HERE / f"{name}.keras") as old, zipfile.ZipFile(path, "w") as new:
        for member in old.namelist():
            content = old.read(member)
            if member == "config.json":
                config = json.loads(content)
                # What a newer format says in other words must not be looked for.
                config["config"] = {"format": number}
                content = json.dumps(config)
            new.writestr(member, content)
    with pytest.raises(error, match=message) as raised:
        load_model(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_linear_network_of_a_newer_format_is_refused(tmp_path):
    with np.load(HERE / "linear_network.npz") as saved:
        np.savez(tmp_path / "x.npz", **{**saved, "format": 2, "layout": "in other words"})
    with pytest.raises(files.NewerFormat, match=r"x\.npz' has format 2, .* up to 1; update"):
        LinearNetwork.load(tmp_path / "x.npz")


def test_a_store_of_a_newer_format_is_refused(tmp_path):
    store = shutil.copytree(HERE / "store", tmp_path / "store")
    manifest = json.loads((store / "manifest.json").read_text())
    manifest["format"] = "iin_tf latent store 3"
    (store / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="the format is 'iin_tf latent store 3'"):
        LatentStore(store)


def test_the_script_writes_them_anew(tmp_path):
    write["write"](tmp_path)
    old = {path.relative_to(HERE) for path in HERE.rglob("*") if "__pycache__" not in path.parts}
    new = {path.relative_to(tmp_path) for path in tmp_path.rglob("*")}
    by_hand = {Path(name) for name in ("metrics.json", "write.py", "test_formats.py")}
    assert old == new | by_hand
