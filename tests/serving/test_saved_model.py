import copy
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf.checks import InputError
from iin_tf.first_stages import FirstStage

# As in test_endpoints: float32 rounding.
CLOSE = {"rtol": 1e-5, "atol": 2e-5}


class Images(FirstStage):
    """Flattens 2 x 6 images linearly, and back."""

    input_spec = tf.TensorSpec([None, 2, 6], tf.float32)
    has_decoder = True

    def __init__(self, latent_size=12):
        super().__init__(latent_size)
        self.scale = tf.Variable(3.0, trainable=False)
        self.unused = tf.Variable(tf.zeros([100_000]), trainable=False)

    def represent(self, x):
        mean = self.scale * tf.reshape(x, [-1, 12])
        return mean, tf.ones_like(mean)

    def generate(self, z):
        return tf.reshape(z, [-1, 2, 6]) / self.scale


class Words(FirstStage):
    """Looks words up in a vocabulary; they cannot be decoded."""

    input_spec = tf.TensorSpec([None], tf.string)

    def __init__(self):
        super().__init__(12)
        words = tf.lookup.KeyValueTensorInitializer(["one", "two"], [1, 2], tf.string, tf.int64)
        self.table = tf.lookup.StaticHashTable(words, default_value=0)

    def represent(self, x):
        mean = tf.one_hot(self.table.lookup(x), 12)
        return mean, tf.zeros_like(mean)


def load(version):
    return tf.saved_model.load(str(version)).signatures


def test_exports_are_numbered_and_left_alone(network, tmp_path):
    path = tmp_path / "models" / "name"
    first = iin_tf.export(network, str(path))
    before = {file: file.read_bytes() for file in first.rglob("*") if file.is_file()}
    assert first == path / "1"
    assert iin_tf.export(network, path) == path / "2"
    assert {file: file.read_bytes() for file in first.rglob("*") if file.is_file()} == before
    assert sorted(entry.name for entry in path.iterdir()) == ["1", "2", "serving"]


def test_the_weights_are_saved_once_and_nothing_beside_them(version, network):
    # Neither optimiser state nor counters: the flow's weights, and some bytes of padding.
    weights = sum(weight.value.numpy().nbytes for weight in network.flow.weights)
    (data,) = (version / "variables").glob("variables.data-*")
    assert weights <= data.stat().st_size < weights + 2048


def test_equal_networks_have_equal_exports(version, network, tmp_path):
    again = iin_tf.export(copy.deepcopy(network), tmp_path)
    first, second = (
        tf.train.load_checkpoint(str(path / "variables/variables")) for path in (version, again)
    )
    names = [name for name in first.get_variable_to_shape_map() if name.startswith("variables")]
    assert len(names) > 5
    for name in names:
        np.testing.assert_array_equal(first.get_tensor(name), second.get_tensor(name))


def test_an_export_holds_the_weights_of_its_day(latents, tmp_path):
    layout = iin_tf.FactorLayout({"a": 6}, residual=6)
    network = iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, depth=0, seed=0)
    before = network.transform(latents)
    exported = load(iin_tf.export(network, tmp_path))
    network.adapt(latents)
    assert np.abs(network.transform(latents) - before).max() > 0.1
    np.testing.assert_allclose(exported["transform"](z=latents)["z_tilde"], before, **CLOSE)
    exported = load(iin_tf.export(network, tmp_path))
    after = network.transform(latents)
    np.testing.assert_allclose(exported["transform"](z=latents)["z_tilde"], after, **CLOSE)


@pytest.mark.parametrize("dtype", ["float64", "mixed_bfloat16"])
def test_other_precisions(dtype, latents, tmp_path):
    layout = iin_tf.FactorLayout({}, residual=12)
    network = iin_tf.InterpretationNetwork(
        layout, blocks=2, hidden=8, depth=0, mixing="linear", seed=0, dtype=dtype
    )
    endpoints = load(iin_tf.export(network, tmp_path))
    z = tf.cast(latents, network.variable_dtype)
    # Of bfloat16's 8 bits, other batches of one product may round the last one differently.
    close = {"rtol": 1e-12, "atol": 1e-12} if dtype == "float64" else {"rtol": 2e-2, "atol": 2e-2}
    z_tilde = endpoints["transform"](z=z)["z_tilde"]
    np.testing.assert_allclose(z_tilde, network.transform(z), **close)
    z_new = endpoints["swap"](z=z, donor=z[::-1], blocks=tf.fill([64, 1], True))["z_new"]
    np.testing.assert_allclose(z_new, z[::-1], **close)


def test_a_first_stage_encodes_and_decodes(network, tmp_path):
    stage = Images()
    version = iin_tf.export(network, tmp_path, first_stage=stage)
    endpoints = load(version)
    for rows in (0, 1, 3):
        x = np.random.default_rng(rows).random((rows, 2, 6), np.float32)
        moments = endpoints["encode"](x=x)
        mean, log_variance = stage.encode(x)
        np.testing.assert_allclose(moments["mean"], mean, **CLOSE)
        np.testing.assert_array_equal(moments["log_variance"], log_variance)
        np.testing.assert_allclose(endpoints["decode"](z=moments["mean"])["x"], x, **CLOSE)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"x \[3,2,5\] is not compatible"):
        endpoints["encode"](x=tf.zeros([3, 2, 5]))
    # What no endpoint reads stays at home.
    assert sum(file.stat().st_size for file in (version / "variables").iterdir()) < 400_000


def test_a_first_stage_brings_its_tables_along(network, tmp_path):
    endpoints = load(iin_tf.export(network, tmp_path, first_stage=Words()))
    assert "decode" not in endpoints
    mean = endpoints["encode"](x=tf.constant(["two", "none", "one"]))["mean"]
    assert tf.argmax(mean, axis=1).numpy().tolist() == [2, 0, 1]


def test_a_float64_network_speaks_float64_throughout(latents, tmp_path):
    layout = iin_tf.FactorLayout({}, residual=12)
    network = iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, seed=0, dtype="float64")
    endpoints = load(iin_tf.export(network, tmp_path, first_stage=Images()))
    mean = endpoints["encode"](x=tf.reshape(latents, [-1, 2, 6]))["mean"]
    z_tilde = endpoints["transform"](z=mean)["z_tilde"]
    z = endpoints["invert"](z_tilde=z_tilde)["z"]
    x = endpoints["decode"](z=z)["x"]
    np.testing.assert_allclose(tf.reshape(x, [-1, 12]), latents, **CLOSE)


def test_a_wrong_kind_of_object_is_refused_in_one_line(network, tmp_path):
    def message(*args, **kwargs):
        with pytest.raises(ValueError, match="give") as caught:
            iin_tf.export(*args, **kwargs)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    model = keras.Sequential([keras.Input((12,)), keras.layers.Dense(12)])
    path = tmp_path / "model"
    assert "network is a Sequential" in message(model, path)
    assert "network is a str" in message("model.keras", path)
    assert "first_stage is a Sequential" in message(network, path, first_stage=model)
    assert "first_stage has 8 latents" in message(network, path, first_stage=Images(8))
    assert "path is 3" in message(network, 3)
    assert "path is ''" in message(network, "")
    assert not path.exists()
    path.write_text("")
    assert "is no directory" in message(network, path)
    assert f"because '{path}'" in message(network, path / "below" / "it")


def test_a_diverged_network_is_not_exported(tmp_path):
    network = iin_tf.InterpretationNetwork(
        iin_tf.FactorLayout({"digit": 4}, residual=8), blocks=1, hidden=8, seed=0
    )
    weight = network.trainable_weights[0]
    weight.assign(np.full(weight.shape, np.nan))
    with pytest.raises(InputError, match=r"the network's weights are not finite \(.*diverged"):
        iin_tf.export(network, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_version_is_no_place_for_versions(network, version):
    with pytest.raises(ValueError, match="is a SavedModel itself"):
        iin_tf.export(network, version)


NAMES = [
    *("z_tilde", "log_prob", "row", "low", "high", "blocks", "donor", "t", "seed", "block"),
    *("x", "mean", "null", "name", "size", "a|b", "a:0", "..a", "a b", "ö", "n" * 50),
]


def test_every_factor_name_is_answered_everywhere(tmp_path):
    layout = iin_tf.FactorLayout(dict.fromkeys(NAMES, 1), residual=len(NAMES))
    network = iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, depth=0, seed=0)
    version = iin_tf.export(network, tmp_path)
    endpoints = load(version)
    z = np.random.default_rng(0).normal(size=(3, 2 * len(NAMES))).astype(np.float32)
    parts, expected = endpoints["factors"](z=tf.constant(z)), network.factors(z)
    assert set(parts) == set(layout.names)
    for name, part in expected.items():
        np.testing.assert_allclose(parts[name], part, **CLOSE)
    told = endpoints["layout"](block=tf.range(len(layout.names), dtype=tf.int64))["name"]
    assert [name.decode() for name in told.numpy()] == list(layout.names)
    described = json.loads((version / "assets.extra" / "description.json").read_text())
    assert [block["name"] for block in described["blocks"]] == list(layout.names)


def test_a_factor_may_not_have_the_name_of_the_input(tmp_path):
    layout = iin_tf.FactorLayout({"z": 2}, residual=2)
    network = iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, seed=0)
    with pytest.raises(InputError, match=r"factor name 'z'.*set_weights"):
        iin_tf.export(network, tmp_path / "model")
    assert not (tmp_path / "model").exists()
    layout = iin_tf.FactorLayout({"x": 6}, residual=6)
    network = iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, seed=0)
    with pytest.raises(InputError, match=r"factor name 'x'.*set_weights"):
        iin_tf.export(network, tmp_path / "model", first_stage=Images())
    iin_tf.export(network, tmp_path / "model")


class Pictures(Images):
    """Images whose values must be fractions."""

    input_range = (0.0, 1.0)


def test_an_export_refuses_grey_levels_where_it_wants_fractions(network, tmp_path):
    endpoints = load(iin_tf.export(network, tmp_path, first_stage=Pictures()))
    x = np.random.default_rng(0).random((3, 2, 6), np.float32)
    assert np.isfinite(endpoints["encode"](x=x)["mean"]).all()
    message = r"x leaves its range; give 0 to 1, not\] \[0.*\] \[2"
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        endpoints["encode"](x=255 * x)
    x[2, 1, 1] = np.nan
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"x is not finite in row\] \[2"):
        endpoints["encode"](x=x)


def test_a_models_own_rule_for_images_is_exported(tmp_path):
    autoencoder = iin_tf.models.VariationalAutoencoder(
        12, channels=2, hidden=4, image_shape=(4, 4, 1)
    )
    layout = iin_tf.FactorLayout({}, residual=12)
    network = iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, seed=0)
    stage = iin_tf.first_stages.KerasFirstStage(autoencoder)
    endpoints = load(iin_tf.export(network, tmp_path, first_stage=stage))
    levels = np.random.default_rng(0).integers(2, 256, (3, 4, 4, 1))
    with pytest.raises(tf.errors.InvalidArgumentError, match="x leaves its range; give 0 to 1"):
        endpoints["encode"](x=tf.constant(levels, tf.float32))
    mean = endpoints["encode"](x=tf.constant(levels / 255, tf.float32))["mean"]
    expected = autoencoder.encode(levels.astype(np.uint8))[0]
    np.testing.assert_allclose(mean, expected, **CLOSE)


def test_a_failure_leaves_nothing_behind(network, tmp_path, monkeypatch):
    def fail(module, directory, signatures):
        (tmp_path / "model").joinpath("seen").write_text(directory)
        raise OSError("no space left on device")

    (tmp_path / "model").mkdir()
    monkeypatch.setattr(tf.saved_model, "save", fail)
    with pytest.raises(OSError, match="no space left"):
        iin_tf.export(network, tmp_path / "model")
    assert [entry.name for entry in (tmp_path / "model").iterdir()] == ["seen"]


ALONE = """
import sys
# None makes any import of these fail.
for name in ("iin_tf", "tensorflow_probability", "tf_keras", "keras"):
    sys.modules[name] = None
import numpy as np
import tensorflow as tf
endpoints = tf.saved_model.load(sys.argv[1]).signatures
z = np.load(sys.argv[2])
np.save(sys.argv[3], endpoints["transform"](z=z)["z_tilde"])
"""


def test_another_process_needs_tensorflow_alone(version, network, latents, tmp_path):
    np.save(tmp_path / "z.npy", latents)
    files = [tmp_path / "z.npy", tmp_path / "z_tilde.npy"]
    subprocess.run([sys.executable, "-I", "-c", ALONE, version, *files], check=True)
    np.testing.assert_allclose(np.load(files[1]), network.transform(latents), **CLOSE)


def test_a_network_of_replicas_is_exported_as_one(latents, tmp_path):
    # Two devices if the tests of tf.distribute run in this process too.
    devices = [device.name for device in tf.config.list_logical_devices("CPU")]
    layout = iin_tf.FactorLayout({"a": 6}, residual=6)
    # Not the default's collectives, which can mix up the reductions of CPU replicas.
    reduction = tf.distribute.ReductionToOneDevice()
    with tf.distribute.MirroredStrategy(devices, cross_device_ops=reduction).scope():
        network = iin_tf.InterpretationNetwork(layout, blocks=2, hidden=8, depth=0, seed=0)
        network.compile("adam")
    network.fit(latents, batch_size=32, verbose=0)
    version = iin_tf.export(network, tmp_path)
    z_tilde = load(version)["transform"](z=latents)["z_tilde"]
    np.testing.assert_allclose(z_tilde, network.transform(latents), **CLOSE)
    weights = sum(weight.value.numpy().nbytes for weight in network.flow.weights)
    (data,) = (version / "variables").glob("variables.data-*")
    # Once, not once a replica; the rest is TensorFlow's index of objects.
    assert weights <= data.stat().st_size < weights + 2048
