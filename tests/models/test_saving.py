"""Saved networks come back whole, in any process, and train on as if nothing had happened."""

import json
import os
import zipfile

import keras
import numpy as np
import pytest
from processes import run_code

import iin_tf
from iin_tf import FactorLayout, FusedAdam, InterpretationNetwork
from iin_tf.checks import InputError

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)
N = LAYOUT.latent_size


def latents(count=8, seed=0):
    return (np.random.default_rng(seed).normal(size=(count, N)) * 3 + 1).astype("float32")


def make(**kwargs):
    network = InterpretationNetwork(LAYOUT, blocks=2, hidden=8, depth=0, seed=1, **kwargs)
    network.adapt(latents(50, seed=1))
    return network


def outputs(network):
    z, donor, shared = latents(), latents(seed=2), np.arange(8) % 4 - 1
    return {
        "transform": network.transform(z),
        "invert": network.invert(z),
        "swap": network.swap(z, donor, "digit"),
        "interpolate": network.interpolate(z, donor, "digit", 3),
        "sample": network.sample(3, seed=5),
        "log_prob": network.log_prob(z),
        "pair_log_prob": network.pair_log_prob(z, donor, shared),
        "correlation": network.correlation,
    }


def assert_equal_outputs(a, b):
    for (name, one), other in zip(outputs(a).items(), outputs(b).values(), strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"mixing": "linear", "correlation": "learned", "dtype": "float64"},
        {"correlation": {"color": 0.5, "digit": np.float32(0.25)}, "dtype": "mixed_bfloat16"},
    ],
)
def test_outputs_come_back_bit_equal(tmp_path, choices):
    network = make(**choices)
    for weight in network.trainable_weights:
        weight.assign(weight + 0.1)
    network.save(tmp_path / "x.keras")
    loaded = iin_tf.load(tmp_path / "x.keras")
    assert type(loaded) is InterpretationNetwork
    assert loaded.layout == LAYOUT
    assert loaded.get_config() == network.get_config()
    assert_equal_outputs(loaded, network)


def assert_equal_weights(a, b):
    for one, other in zip(a.weights, b.weights, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=one.path)


def test_actnorm_is_not_started_anew(tmp_path):
    make().save(tmp_path / "x.keras")
    loaded = iin_tf.load(tmp_path / "x.keras")
    assert loaded.adapted.numpy()
    loaded.compile(keras.optimizers.SGD(0.0))
    loaded.fit(100 * latents(), verbose=0)
    assert_equal_weights(loaded, make())


def test_a_network_that_has_not_started_starts_after_loading(tmp_path):
    network = InterpretationNetwork(LAYOUT, blocks=1, hidden=8, depth=0, seed=1)
    network.save(tmp_path / "x.keras")
    loaded = iin_tf.load(tmp_path / "x.keras")
    assert not loaded.adapted.numpy()
    loaded.adapt(latents())
    first = loaded.bijector.steps[0].forward(latents())
    np.testing.assert_allclose(np.std(first, 0), np.ones(N), rtol=1e-4)


OPTIMIZERS = {
    "SGD": lambda: keras.optimizers.SGD(0.01, momentum=0.9),
    "Adam": lambda: keras.optimizers.Adam(0.01, 0.5),
    "FusedAdam": lambda: FusedAdam(
        keras.optimizers.schedules.PolynomialDecay(0.1, 3),
        beta_1=0.5,
        weight_decay=0.1,
        clipnorm=1.0,
    ),
}


def step(network, seed):
    z = latents(16, seed)
    network.fit((z, z[::-1]), np.arange(16) % 3, batch_size=16, verbose=0, shuffle=False)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_one_step_before_saving_and_one_after_are_two(tmp_path, name):
    network = make(correlation="learned")
    network.compile(OPTIMIZERS[name]())
    step(network, 1)
    network.save(tmp_path / "x.keras")
    loaded = iin_tf.load(tmp_path / "x.keras")
    assert type(loaded.optimizer) is type(network.optimizer)
    assert int(loaded.optimizer.iterations) == 1
    before = [weight.numpy() for weight in network.trainable_weights]
    for either in (network, loaded):
        step(either, 2)
    assert_equal_weights(loaded, network)
    for old, weight in zip(before, network.trainable_weights, strict=True):
        assert np.any(old != weight), weight.path


FRESH = """
import sys
import numpy as np
import iin_tf
network = iin_tf.load(sys.argv[1])
given = np.load(sys.argv[2])
network.fit((given["z"], given["z"][::-1]), np.arange(len(given["z"])) % 3,
            batch_size=16, verbose=0, shuffle=False)
np.savez(sys.argv[3], transform=network.transform(given["z"]), steps=network.optimizer.iterations)
"""


def test_a_fresh_process_goes_on(tmp_path):
    network = make(mixing="linear")
    network.compile(FusedAdam(0.01))
    step(network, 1)
    network.save(tmp_path / "x.keras")
    np.savez(tmp_path / "given.npz", z=latents(16, 2))
    paths = [tmp_path / name for name in ("x.keras", "given.npz", "out.npz")]
    result = run_code(FRESH, *paths)
    assert result.returncode == 0, result.stderr
    step(network, 2)
    out = np.load(paths[2])
    assert out["steps"] == 2
    np.testing.assert_array_equal(out["transform"], network.transform(latents(16, 2)))


def test_keras_loads_it_too(tmp_path):
    network = make()
    network.save(str(tmp_path / "x.keras"))
    assert_equal_weights(keras.saving.load_model(tmp_path / "x.keras"), network)


def test_weights_alone_can_be_saved(tmp_path):
    network = make()
    network.save_weights(tmp_path / "x.weights.h5")
    other = InterpretationNetwork(LAYOUT, blocks=2, hidden=8, depth=0, seed=9)
    other.load_weights(tmp_path / "x.weights.h5")
    assert_equal_weights(other, network)
    assert other.adapted.numpy()


def test_nothing_in_the_file_is_code(tmp_path):
    make().save(tmp_path / "x.keras")
    with zipfile.ZipFile(tmp_path / "x.keras") as file:
        assert sorted(file.namelist()) == ["config.json", "metadata.json", "model.weights.h5"]
        config = json.loads(file.read("config.json"))
    assert config["config"]["layout"] == LAYOUT.get_config()


# What goes wrong


def test_a_save_that_fails_half_way_loses_nothing(tmp_path, monkeypatch):
    path = tmp_path / "x.keras"
    make().save(path)

    def half(model, filepath, *args, **kwargs):
        filepath.write_bytes(b"half")
        raise OSError("disk full")

    other = make(mixing="linear")
    monkeypatch.setattr(keras.Model, "save", half)
    with pytest.raises(OSError, match="disk full"):
        other.save(path)
    assert os.listdir(tmp_path) == ["x.keras"]
    assert_equal_weights(iin_tf.load(path), make())


def test_saving_replaces_only_when_it_may(tmp_path):
    path = tmp_path / "deep" / "x.keras"
    make().save(path, overwrite=False)
    with pytest.raises(ValueError, match=r"x.keras' exists; give another, or overwrite=True"):
        make(mixing="linear").save(path, overwrite=False)
    assert_equal_weights(iin_tf.load(path), make())
    make(mixing="linear").save(path)
    assert iin_tf.load(path).flow.mixing == "linear"


def test_what_is_no_path_cannot_be_saved_to():
    with pytest.raises(InputError, match="filepath is 3; give a path"):
        make().save(3)


@pytest.mark.parametrize("name", ["x", "x.h5", "x.keras.zip"])
def test_a_wrong_ending_is_named(tmp_path, name):
    with pytest.raises(ValueError, match=r"give a name that ends in \.keras"):
        make().save(tmp_path / name)
    assert os.listdir(tmp_path) == []
