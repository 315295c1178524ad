"""Files that are no saved network, or damaged ones, are named."""

import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf import FactorLayout, InterpretationNetwork
from iin_tf.checks import InputError

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)
N = LAYOUT.latent_size


def latents(count=8, seed=0):
    return (np.random.default_rng(seed).normal(size=(count, N)) * 3 + 1).astype("float32")


def make(**kwargs):
    network = InterpretationNetwork(LAYOUT, blocks=2, hidden=8, depth=0, seed=1, **kwargs)
    network.adapt(latents(50, seed=1))
    return network


def write_other_keras_model(path):
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)


def write_other_zip(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", "{}")
        file.writestr("a.txt", "text")


def write_truncated(path):
    make().save(path)
    path.write_bytes(path.read_bytes()[:2000])


def write_without_weights(path):
    make().save(path)
    with zipfile.ZipFile(path) as file:
        kept = {name: file.read(name) for name in file.namelist() if name.endswith(".json")}
    with zipfile.ZipFile(path, "w") as file:
        for name, content in kept.items():
            file.writestr(name, content)


def write_saved_model(path):
    tf.saved_model.save(tf.Module(), str(path))


@pytest.mark.parametrize(
    "write",
    [
        lambda path: None,
        lambda path: path.mkdir(),
        lambda path: path.write_text("text"),
        lambda path: path.write_bytes(b""),
        lambda path: np.savez(path.open("wb"), a=np.ones(2)),
        lambda path: keras.Sequential().save(path),
        write_other_keras_model,
        write_other_zip,
        write_truncated,
        write_without_weights,
        write_saved_model,
    ],
    ids=[
        "nothing",
        "directory",
        "text",
        "empty",
        "npz",
        "empty model",
        "other model",
        "other zip",
        "truncated",
        "no weights",
        "SavedModel",
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path, write):
    path = tmp_path / "x.keras"
    write(path)
    with pytest.raises(ValueError, match=r"path '.*x\.keras' (is not|holds a)") as error:
        iin_tf.load(path)
    assert "\n" not in str(error.value)


def test_every_kind_of_damage_names_the_file(tmp_path):
    """Bytes flipped, cut and overwritten all over a saved file, and configs of other kinds."""
    path, whole = tmp_path / "x.keras", tmp_path / "whole.keras"
    make().save(whole)
    content = whole.read_bytes()
    random = np.random.default_rng(0)
    messages = []
    for place in random.integers(0, len(content), 25):
        damaged = bytearray(content)
        damaged[place : place + 40] = random.bytes(min(40, len(content) - place))
        path.write_bytes(damaged)
        try:
            iin_tf.load(path)
        except InputError as error:
            messages.append(str(error))
    # A few bytes of a file say nothing that is read.
    assert len(messages) > 12
    assert all("x.keras' is" in message and "\n" not in message for message in messages)
    deep = "[" * 100_000
    for config in ("", "{", "null", "[]", "3", '{"class_name": 3}', deep, '{"module": "keras"}'):
        with zipfile.ZipFile(whole) as file, zipfile.ZipFile(path, "w") as other:
            for name in file.namelist():
                other.writestr(name, config if name == "config.json" else file.read(name))
        with pytest.raises(InputError, match=r"x\.keras' is not a saved Keras model: ."):
            iin_tf.load(path)


@pytest.mark.parametrize("path", [3, None, b"x.keras", "", "missing.keras"])
def test_what_is_no_path_is_named(path):
    with pytest.raises(InputError, match="is not a file; give one that `save` wrote"):
        iin_tf.load(path)
