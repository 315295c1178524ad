import shutil

import numpy as np
import pytest
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.experiment import given_models
from iin_tf.experiment.config import default_config
from iin_tf.first_stages import SavedModelFirstStage


class Linear(tf.Module):
    """z = x A, x = z A^-1, with a variable posterior."""

    def __init__(self):
        super().__init__()
        matrix = np.random.default_rng(0).normal(size=(3, 3)).astype(np.float32)
        self.matrix = tf.Variable(matrix)

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    def encode(self, x):
        return {"mean": x @ self.matrix, "log_variance": tf.abs(x)}

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    def embed(self, x):
        return {"embedding": x @ self.matrix}

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    def decode(self, z):
        return {"x": z @ tf.linalg.inv(self.matrix)}

    @tf.function(input_signature=[tf.TensorSpec([None, 3])] * 2)
    def add(self, a, b):
        return {"sum": a + b, "difference": a - b}


@pytest.fixture(scope="module")
def model():
    return Linear()


@pytest.fixture(scope="module")
def path(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "1"
    names = ("encode", "embed", "decode", "add")
    tf.saved_model.save(model, str(path), {name: getattr(model, name) for name in names})
    return path


@pytest.fixture
def x():
    return np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32)


def test_both_ways(path, model, x):
    stage = SavedModelFirstStage(path, decode="decode")
    assert stage.latent_size == 3
    assert stage.has_decoder
    mean, log_variance = stage.encode(x)
    np.testing.assert_allclose(mean, x @ model.matrix.numpy(), rtol=1e-5)
    np.testing.assert_array_equal(log_variance, np.abs(x))
    # A round trip through a 3 x 3 inverse in float32.
    np.testing.assert_allclose(stage.decode(mean), x, atol=1e-4)
    assert not stage.trainable_variables


def test_float64_rows_are_cast_to_the_signature(path, x):
    stage = SavedModelFirstStage(path)
    np.testing.assert_array_equal(stage.encode(x.astype(np.float64))[0], stage.encode(x)[0])


def test_single_output_gets_noise(path, x):
    stage = SavedModelFirstStage(path, encode="embed", noise=0.1)
    stage.adapt(x, batch_size=4)
    mean, log_variance = stage.encode(x)
    expected = np.log(0.1 * mean.numpy().std(0)) * 2
    np.testing.assert_allclose(log_variance[0], expected, rtol=1e-5)
    assert not stage.has_decoder
    with pytest.raises(ValueError, match="has no decoder to go back by"):
        stage.decode(mean)


def test_exports_as_part_of_a_module(path, x, tmp_path):
    module = tf.Module()
    module.first_stage = SavedModelFirstStage(path, decode="decode")
    signature = tf.function(
        lambda z: {"x": module.first_stage.decode(z)},
        input_signature=[tf.TensorSpec([None, 3], tf.float32, "z")],
    )
    tf.saved_model.save(module, str(tmp_path), {"decode": signature})
    again = SavedModelFirstStage(path, decode="decode").decode(x)
    loaded = tf.saved_model.load(str(tmp_path)).signatures["decode"](z=tf.constant(x))["x"]
    np.testing.assert_allclose(loaded, again, rtol=1e-6)


def test_wrong_arguments_are_named(path, x, tmp_path):
    with pytest.raises(ValueError, match=r"holds no saved_model\.pb"):
        SavedModelFirstStage(tmp_path)
    with pytest.raises(ValueError, match=r"encode is 'enc', but .* signatures 'add' \(a "):
        SavedModelFirstStage(path, encode="enc")
    with pytest.raises(ValueError, match="decode is 'dec'"):
        SavedModelFirstStage(path, decode="dec")
    with pytest.raises(ValueError, match=r"encode is 'add', a signature with inputs \['a', 'b'\]"):
        SavedModelFirstStage(path, encode="add")
    with pytest.raises(InputError, match="path is 3, which holds no"):
        SavedModelFirstStage(3)
    with pytest.raises(InputError, match=r"encode is None, but .* signatures"):
        SavedModelFirstStage(path, encode=None)
    with pytest.raises(InputError, match=r"head is 'encode', a signature with outputs \['log_v"):
        SavedModelFirstStage(path, head="encode")
    with pytest.raises(ValueError, match="give noise"):
        SavedModelFirstStage(path, encode="embed").encode(x)
    with pytest.raises(ValueError, match="leave noise out"):
        SavedModelFirstStage(path, noise=0.1).encode(x)


def test_a_damaged_file_is_named(path, tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"no protocol buffer")
    with pytest.raises(InputError, match="whose SavedModel cannot be read"):
        SavedModelFirstStage(tmp_path)
    shutil.copytree(path, tmp_path / "1")
    for file in (tmp_path / "1" / "variables").iterdir():
        file.write_bytes(b"")
    with pytest.raises(InputError, match="whose SavedModel cannot be read"):
        SavedModelFirstStage(tmp_path / "1")


def test_a_signature_may_be_the_head(path, x):
    stage = SavedModelFirstStage(path, head="embed")
    assert stage.has_head
    np.testing.assert_array_equal(stage.head(x), stage.encode(x)[0])


def test_input_spec_is_the_signatures(path):
    assert SavedModelFirstStage(path).input_spec == tf.TensorSpec([None, 3], tf.float32)


class Frames(tf.Module):
    """Two outputs with positions, as models of sound have them."""

    @tf.function(input_signature=[tf.TensorSpec([None, 4, 1], tf.float32)])
    def listen(self, sound):
        return {"note": sound * [1.0, 2.0, 3.0], "onset": -sound * [1.0, 1.0]}


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    path, model = tmp_path_factory.mktemp("frames") / "1", Frames()
    tf.saved_model.save(model, str(path), {"listen": model.listen})
    return path


def test_one_of_several_outputs_is_pooled(frames):
    sound = np.random.default_rng(2).normal(size=(5, 4, 1)).astype(np.float32)
    expected = {
        "mean": sound.mean(axis=1) * [1, 2, 3],
        2: sound[:, 2] * [1, 2, 3],
        "flatten": (sound * [1, 2, 3]).reshape(5, 12),
        "positions": (sound * [1, 2, 3]).reshape(20, 3),
    }
    for pool, z in expected.items():
        stage = SavedModelFirstStage(frames, "listen", output="note", pool=pool, noise=0.1)
        # A mean of four floats.
        np.testing.assert_allclose(stage.represent(sound), z, rtol=1e-6)
    assert not stage.keeps_rows
    np.testing.assert_array_equal(stage.places(sound, 2), [divmod(row, 4) for row in range(20)])
    with pytest.raises(InputError, match="export the network alone"):
        stage.input_spec  # noqa: B018


def test_what_other_signatures_have_and_what_is_needed(frames, path):
    with pytest.raises(InputError, match=r"signatures 'listen' \(sound \(None, 4, 1\) -> note"):
        SavedModelFirstStage(frames)
    with pytest.raises(InputError, match=r"outputs \['note', 'onset'\]; give output"):
        SavedModelFirstStage(frames, "listen")
    with pytest.raises(InputError, match=r"output is 'pitch', .* outputs \['note', 'onset'\]"):
        SavedModelFirstStage(frames, "listen", output="pitch")
    with pytest.raises(InputError, match=r"'note' has shape \(None, 4, 3\) and pool is None"):
        SavedModelFirstStage(frames, "listen", output="note")
    with pytest.raises(InputError, match=r"head is 'listen', .* \(None, 4, 1\); .*\[None, 12\]"):
        SavedModelFirstStage(frames, "listen", None, "listen", output="note", pool="flatten")
    with pytest.raises(InputError, match="pool is 'mean', but 'encode' gives mean and log_var"):
        SavedModelFirstStage(path, pool="mean")


def test_signatures_of_texts_or_of_one_batch_size_are_refused(tmp_path):
    def signature(function, shape, kind):
        return tf.function(function, input_signature=[tf.TensorSpec(shape, kind, "x")])

    saved = {
        "read": signature(lambda x: {"z": tf.strings.to_number(x)}, [None, 3], tf.string),
        "write": signature(lambda x: {"text": tf.strings.as_string(x)}, [None, 3], tf.float32),
        "few": signature(lambda x: {"z": x + 1}, [4, 3], tf.float32),
    }
    traced = {name: function.get_concrete_function() for name, function in saved.items()}
    tf.saved_model.save(tf.Module(), str(tmp_path / "1"), traced)
    message = r"encode is 'write', a signature whose output 'text' is string; give one of numbers"
    with pytest.raises(InputError, match=message):
        SavedModelFirstStage(tmp_path / "1", encode="write", noise=0.1)
    with pytest.raises(InputError, match=r"encode is 'few', .* takes \(4, 3\), always 4 examples"):
        SavedModelFirstStage(tmp_path / "1", encode="few", noise=0.1)
    # Texts are an encoder's to read, and no head's.
    message = r"head is 'read', a signature that takes string \(None, 3\); give one that takes numb"
    with pytest.raises(InputError, match=message):
        SavedModelFirstStage(tmp_path / "1", encode="read", head="read", noise=0.1)
    settings = default_config().first_stage
    settings.path, settings.encode = str(tmp_path / "1"), "read"
    with pytest.raises(InputError, match="takes string, but the data are float32"):
        given_models.saved_model(settings, np.zeros((5, 3), np.float32), 0)
