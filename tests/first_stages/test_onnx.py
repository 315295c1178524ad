"""A small ONNX model as a first stage: the recipe of docs/other_frameworks.md."""

import numpy as np
import onnx
import onnxruntime
import pytest

from iin_tf.first_stages import FunctionFirstStage


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """relu(x A), and from there a softmax of z B."""
    random = np.random.default_rng(0)
    weights = {"a": random.normal(size=(8, 5)), "b": random.normal(size=(5, 3))}
    tensors = [onnx.numpy_helper.from_array(w.astype(np.float32), k) for k, w in weights.items()]
    node, float32 = onnx.helper.make_node, onnx.TensorProto.FLOAT
    nodes = [node("MatMul", ["x", "a"], ["h"]), node("Relu", ["h"], ["z"]),
             node("MatMul", ["z", "b"], ["y"]), node("Softmax", ["y"], ["p"], axis=1)]  # fmt: skip
    value = onnx.helper.make_tensor_value_info
    outputs = [value("z", float32, [None, 5]), value("p", float32, [None, 3])]
    graph = onnx.helper.make_graph(nodes, "net", [value("x", float32, [None, 8])], outputs, tensors)
    opsets = [onnx.helper.make_opsetid("", 17)]
    path = tmp_path_factory.mktemp("onnx") / "net.onnx"
    onnx.save(onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path, weights


def test_a_session_is_encode_and_a_part_of_it_the_head(path, tmp_path):
    path, weights = path
    session = onnxruntime.InferenceSession(path)
    onnx.utils.extract_model(str(path), str(tmp_path / "head.onnx"), ["z"], ["p"])
    rest = onnxruntime.InferenceSession(tmp_path / "head.onnx")
    stage = FunctionFirstStage(
        lambda x: session.run(["z"], {"x": x})[0],
        head=lambda z: rest.run(["p"], {"z": z})[0],
        latent_size=5,
        noise=0.1,
        value_range=(0, None),
    )
    x = np.random.default_rng(1).normal(size=(30, 8)).astype(np.float32)
    stage.adapt(x)
    z, _ = stage.encode(x)
    expected = np.maximum(x @ weights["a"], 0)
    # Sums of eight products in float32.
    np.testing.assert_allclose(z, expected, atol=1e-5)
    # Nothing edited, the head gives what the whole model gives.
    np.testing.assert_array_equal(stage.head(z), session.run(["p"], {"x": x})[0])
    np.testing.assert_array_equal(stage.count_outside(z - 10) > 0, np.ones(30, bool))
