"""What an export answers in other runtimes."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

import iin_tf


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    layout = iin_tf.FactorLayout({"a": 3, "b": 4}, residual=5)
    network = iin_tf.InterpretationNetwork(layout, blocks=2, hidden=16, depth=1, seed=0)
    network.adapt(np.random.default_rng(0).normal(size=(64, 12)).astype(np.float32))
    models = iin_tf.models
    autoencoder = models.VariationalAutoencoder(12, channels=4, hidden=16, image_shape=(8, 8, 3))
    stage = iin_tf.first_stages.KerasFirstStage(autoencoder)
    path = tmp_path_factory.mktemp("models")
    return iin_tf.export(network, path, first_stage=stage)


@pytest.fixture(scope="module")
def exported(version):
    return tf.saved_model.load(str(version))


# Operations that ONNX, LiteRT or TensorFlow.js lack, in the graph and its functions.
MISSING = {"Erfc", "InvertPermutation", "If", "StatelessIf", "Log1p"}


def test_no_endpoint_needs_what_other_runtimes_lack(exported):
    for name, endpoint in exported.signatures.items():
        graph = endpoint.graph.as_graph_def()
        bodies = [graph.node, *(function.node_def for function in graph.library.function)]
        found = {node.op for body in bodies for node in body}
        assert not found & MISSING, name


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["ONNX Runtime", "OpenVINO, f32", "LiteRT"])
def test_endpoints_agree(exported, runtime):
    import runtimes
    from absl import flags

    flags.FLAGS(["runtimes.py", "--rows=5"])
    for name, endpoint in exported.signatures.items():
        if name in runtimes._LEFT_OUT:
            continue
        given = runtimes.inputs(endpoint)
        expected = endpoint(**given)
        feeds = {key: value.numpy() for key, value in given.items()}
        outputs = runtimes.RUNTIMES[runtime](endpoint, feeds)
        for key, value in expected.items():
            # Rounding of float32, in other kernels.
            np.testing.assert_allclose(outputs[key], value, rtol=1e-4, atol=1e-4, err_msg=name)


@pytest.mark.slow
def test_the_documented_program_converts(version, exported, tmp_path):
    import onnxruntime

    command = [sys.executable, "-m", "tf2onnx.convert", "--saved-model", version, "--opset", "18"]
    file = tmp_path / "transform.onnx"
    command += ["--signature_def", "transform", "--output", file]
    subprocess.run(command, check=True, capture_output=True)
    z = np.random.default_rng(0).normal(size=(5, 12)).astype(np.float32)
    (found,) = onnxruntime.InferenceSession(file).run(["z_tilde"], {"z": z})
    expected = exported.signatures["transform"](z=z)["z_tilde"]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
