"""What the local server refuses, with the words and the codes of TensorFlow Serving.

Source: tensorflow_serving/g3doc/api_rest.md, and what http_rest_api_handler.cc and json_tensor.cc
of TensorFlow Serving do where that page is silent.
"""

import json

import grpc
import pytest
import tensorflow as tf
from rest_requests import refused
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

Z = [0.0] * 12


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{", "JSON Parse error"),
        ("[1, 2]", "no JSON object"),
        (b"\xff\xfe", "JSON Parse error"),
        ("[" * 100_000, "JSON Parse error"),
        ({}, "Missing 'inputs' or 'instances' key"),
        ({"instances": [Z], "inputs": [Z]}, "not both"),
        ({"instances": Z[0]}, "Expecting 'instances' to be a list"),
        ({"instances": []}, "No values in 'instances'"),
        ({"instances": [Z], "signature_name": 3}, "'signature_name' key must be a string"),
        ({"instances": [Z], "signature_name": "turn"}, 'name: "turn" not found'),
        ({"instances": [{"q": Z}]}, r"instance 0 has the inputs ['q']; give ['z']"),
        ({"instances": [{"z": Z}, Z]}, "item 1 is no object"),
        ({"instances": [{"z": Z}, {}]}, "instance 1 has the inputs []"),
        ({"instances": [Z], "signature_name": "swap"}, "['blocks', 'donor', 'z']"),
        ({"inputs": [Z], "signature_name": "swap"}, "['blocks', 'donor', 'z']"),
        ({"inputs": {"z": [Z]}, "signature_name": "swap"}, "Missing named input: blocks"),
        ({"instances": [Z, Z[:3]]}, "z has lists of several lengths"),
        ({"instances": [Z[:11]]}, "z has shape [1,11]; give float32 [B, 12]"),
        ({"inputs": []}, "z has shape [0]; give float32 [B, 12]"),
        ({"inputs": Z}, "z has shape [12]"),
        ({"instances": [["a"] * 12]}, "z holds values that are not of the expected type"),
        ({"instances": [[None] * 12]}, "z holds values that are not of the expected type"),
        ({"instances": [[True] * 12]}, "z holds values that are not of the expected type"),
        ({"instances": [[True, *Z[:11]]]}, "z holds values that are not of the expected type"),
        ({"instances": [[{"b64": "AA=="}] * 12]}, "z holds values that are not of the expected"),
        ({"instances": [1.0], "signature_name": "sample"}, "give int64 [B]"),
        ({"instances": [2**63], "signature_name": "sample"}, "give int64 [B]"),
        ({"instances": [7], "signature_name": "layout"}, "block leaves its range; give 0 to 2"),
        # Python reads no number of more than 4,300 digits.
        ('{"instances": [[NaN, ' + "9" * 5000 + "]]}", "JSON Parse error"),
        # Where NumPy gave each text the room of the longest: 4 TB.
        ({"instances": ["a" * 10**6] + ["b"] * 10**6}, "z holds values that are not of the"),
        ({"instances": [[Z], Z]}, "z has lists of several lengths"),
        ({"instances": [Z, "b"]}, "z holds values that are not of the expected type"),
        ('{"instances": [[NaN,0,0,0,0,0,0,0,0,0,0,0]]}', "z is not finite in row"),
        ({"instances": [[1e300, *Z[:11]]]}, "z is not finite in row"),
    ],
)
def test_a_wrong_body_is_refused_in_words(http, body, words):
    assert words in refused(http, body)


def test_wrong_texts_are_refused(toy_http):
    path = "/v1/models/toy:predict"
    deep = json.loads("[" * 900 + "]" * 900)
    for value, words in (
        (3, "not texts"),
        ({"b64": "*"}, "base64"),
        (["a"], "shape [1,1]"),
        (deep, "too many lists"),
    ):
        body = {"signature_name": "echo", "instances": [value]}
        assert words in refused(toy_http, body, path)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/v1/models/half:predict", 404, "Servable not found for request: Latest(half)"),
        (f"/v1/models/small/versions/{'9' * 5000}:predict", 400, "Malformed request: POST"),
        ("/v1/models/small/versions/9:predict", 404, "Specific(small, 9)"),
        ("/v1/models/small/labels/x:predict", 400, "Unrecognized servable version label: x"),
        ("/v1/models/small:explain", 400, "Malformed request: POST"),
        ("/v1/models/small", 400, "Malformed request: POST"),
        ("/v1/models/small:classify", 400, "use :predict"),
        ("/v1/models/small/labels/stable:regress", 400, "use :predict"),
    ],
)
def test_a_wrong_address_is_refused_in_words(http, path, status, words):
    assert words in refused(http, {"instances": [Z]}, path, status)


def test_another_method_is_refused_in_words(http):
    answer = http.put("/v1/models/small:predict", content=b"{}")
    assert answer.status_code == 400
    assert "Malformed request: PUT" in answer.json()["error"]


@pytest.mark.parametrize("path", ["*", "/v1/models/a%0Ab"])
def test_an_odd_address_is_refused_in_json(http, path):
    answer = http.request("OPTIONS", path)
    assert answer.status_code == 400
    assert "Malformed request: OPTIONS" in answer.json()["error"]


def test_a_fault_of_the_server_shows_no_trace_of_it(http, served, monkeypatch):
    def fail(path):
        raise OSError(f"{__file__}: secret")

    monkeypatch.setattr(served.models, "get", fail)
    answer = http.get("/v1/models/small")
    assert answer.status_code == 500
    assert answer.json() == {"error": "the server failed; its log says how"}


def asked_by_grpc(served, tensor):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "small"
    request.inputs["z"].CopyFrom(tensor)
    with grpc.insecure_channel(f"127.0.0.1:{served.grpc_port}") as channel:
        service = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        with pytest.raises(grpc.RpcError) as caught:
            service.Predict(request, timeout=30)
    return caught.value.code().name, caught.value.details()


def test_a_message_for_more_numbers_than_it_has_is_refused(served):
    tensor = tf.make_tensor_proto(0.0)
    for size in (10**6, 10**6):
        # One number that stands for all: 4 TB.
        tensor.tensor_shape.dim.add(size=size)
    code, words = asked_by_grpc(served, tensor)
    assert (code, words) == ("RESOURCE_EXHAUSTED", "z has more than 67108864 bytes")


@pytest.mark.parametrize("dtype", [1, 20, 77])
def test_what_is_no_tensor_is_refused(served, dtype):
    tensor = tf.make_tensor_proto([[0.0] * 12])
    # Floats without all their bytes; a resource; no type at all.
    tensor.dtype, tensor.tensor_content = dtype, b"123"
    code, words = asked_by_grpc(served, tensor)
    assert code == "INVALID_ARGUMENT"
    assert words.startswith("z ")
    assert "\n" not in words
