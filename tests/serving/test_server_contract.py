"""The local server against the REST interface that TensorFlow Serving publishes, point by point.

Source: tensorflow_serving/g3doc/api_rest.md, and what http_rest_api_handler.cc and json_tensor.cc
of TensorFlow Serving do where that page is silent.
"""

import base64
import json

import httpx2
import numpy as np
import pytest
import tensorflow as tf

from iin_tf.serving import Server

# Sums of 12 products in float32, in batches of other sizes.
CLOSE = {"rtol": 1e-5, "atol": 2e-5}


class Toy(tf.Module):
    """Signatures of kinds that an export of a network need not have."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
    def echo(self, text):
        return {"text_out": text, "raw_bytes": text, "length": tf.strings.length(text)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float64, "x")])
    def half(self, x):
        return {"y": x / 2}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 2, 1], tf.int32, "signal"),
            tf.TensorSpec([None], tf.float32, "weight"),
        ]
    )
    def two(self, signal, weight):
        return {"sum": tf.reduce_sum(signal), "weights": tf.reduce_sum(weight)}


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    path = tmp_path_factory.mktemp("toys") / "toy"
    model = Toy()
    signatures = {"serving_default": model.half, "echo": model.echo, "two": model.two}
    for number in ("7", "12"):
        tf.saved_model.save(model, str(path / number), signatures=signatures)
    return path


@pytest.fixture(scope="module")
def toy_http(toy):
    with (
        Server({"toy": toy}, port=0, versions=2, labels={"toy": {"canary": 12}}) as server,
        httpx2.Client(base_url=f"http://127.0.0.1:{server.port}") as http,
    ):
        yield http


@pytest.fixture(scope="module")
def http(served):
    with httpx2.Client(base_url=f"http://127.0.0.1:{served.port}") as http:
        yield http


def predict(http, body, path="/v1/models/small:predict"):
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    response = http.post(path, content=content)
    return response.status_code, json.loads(response.content)


def refused(http, body, path="/v1/models/small:predict", status=400):
    code, answer = predict(http, body, path)
    assert code == status
    # Nothing but the words, on one line, and no place in any code.
    assert list(answer) == ["error"]
    assert "\n" not in answer["error"]
    assert "Traceback" not in answer["error"]
    assert ".py" not in answer["error"]
    return answer["error"]


# Status


def test_the_status_of_all_versions_newest_first(toy_http):
    answer = toy_http.get("/v1/models/toy")
    fine = {"error_code": "OK", "error_message": ""}
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "model_version_status": [
            {"version": "12", "state": "AVAILABLE", "status": fine},
            {"version": "7", "state": "AVAILABLE", "status": fine},
        ]
    }


@pytest.mark.parametrize(
    ("which", "number"), [("versions/7", "7"), ("versions/12", "12"), ("labels/canary", "12")]
)
def test_the_status_of_one_version(toy_http, which, number):
    (status,) = toy_http.get(f"/v1/models/toy/{which}").json()["model_version_status"]
    assert (status["version"], status["state"]) == (number, "AVAILABLE")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/v1/models/half", 404, "half"),
        ("/v1/models/toy/versions/3", 404, "Could not find version 3 of model toy"),
        ("/v1/models/toy/labels/old", 400, "Unrecognized servable version label: old"),
        ("/v1/models/toy/versions/one", 400, "Malformed request: GET"),
        ("/v1/models/toy/versions/7/labels/canary", 400, "Malformed request: GET"),
        ("/v1/models/toy:predict", 400, "Malformed request: GET"),
        ("/v1/models/half/metadata", 404, "half"),
        ("/v1/models/toy/versions/3/metadata", 404, "Servable not found"),
        ("/v2/models/toy", 404, "/v1/models/NAME"),
    ],
)
def test_what_is_not_there_is_said(toy_http, path, status, words):
    answer = toy_http.get(path)
    assert answer.status_code == status
    assert words in answer.json()["error"]


# Metadata


def test_the_metadata_are_the_published_message(toy_http):
    answer = toy_http.get("/v1/models/toy/metadata").json()
    assert answer["model_spec"] == {"name": "toy", "signature_name": "", "version": "12"}
    half = answer["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert half["method_name"] == "tensorflow/serving/predict"
    assert half["inputs"]["x"] == {
        "dtype": "DT_DOUBLE",
        "tensor_shape": {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False},
        "name": "serving_default_x:0",
    }


@pytest.mark.parametrize(
    ("which", "number"), [("versions/7", "7"), ("versions/12", "12"), ("labels/canary", "12")]
)
def test_the_metadata_of_one_version(toy_http, which, number):
    answer = toy_http.get(f"/v1/models/toy/{which}/metadata").json()
    assert answer["model_spec"]["version"] == number


# Predict: forms of requests and answers


def test_one_input_and_one_output_go_without_their_names(toy_http):
    path = "/v1/models/toy:predict"
    # The default signature, by each way of not naming it.
    for name in ({}, {"signature_name": ""}, {"signature_name": "serving_default"}):
        rows = predict(toy_http, {"instances": [1.0, 2.0, 5], **name}, path)
        assert rows == (200, {"predictions": [0.5, 1.0, 2.5]})
    assert predict(toy_http, {"instances": [{"x": 3.0}]}, path) == (200, {"predictions": [1.5]})
    assert predict(toy_http, {"inputs": [1.0, 2.0]}, path) == (200, {"outputs": [0.5, 1.0]})
    assert predict(toy_http, {"inputs": {"x": [1.0]}}, path) == (200, {"outputs": [0.5]})


@pytest.mark.parametrize("which", ["", "/versions/7", "/versions/12", "/labels/canary"])
def test_every_address_of_a_version_predicts(toy_http, which):
    answer = predict(toy_http, {"instances": [1.0]}, f"/v1/models/toy{which}:predict")
    assert answer == (200, {"predictions": [0.5]})


def test_numbers_are_written_so_that_they_read_back_exactly(toy_http):
    values = [0.2, 1e-300, 1.7976931348623157e308, -0.0, 3]
    _, answer = predict(toy_http, {"inputs": values}, "/v1/models/toy:predict")
    assert answer["outputs"] == [value / 2 for value in values]


def test_nan_and_infinity_are_written_as_such(toy_http):
    body = '{"instances": [NaN, Infinity, -Infinity, 1e2]}'
    response = toy_http.post("/v1/models/toy:predict", content=body)
    assert response.content.replace(b" ", b"") == (b'{"predictions":[NaN,Infinity,-Infinity,50.0]}')


def test_several_outputs_are_objects_in_the_form_of_the_request(toy_http):
    path = "/v1/models/toy:predict"
    coded = {"b64": base64.b64encode("é".encode()).decode()}
    row = {"text_out": "é", "raw_bytes": coded, "length": 2}
    for given in ("é", coded):
        rows = {"signature_name": "echo", "instances": [given]}
        assert predict(toy_http, rows, path) == (200, {"predictions": [row]})
        named = {"signature_name": "echo", "instances": [{"text": given}]}
        assert predict(toy_http, named, path) == (200, {"predictions": [row]})
    columns = {"signature_name": "echo", "inputs": {"text": ["é", coded]}}
    twice = {key: [value, value] for key, value in row.items()}
    assert predict(toy_http, columns, path) == (200, {"outputs": twice})


def test_columns_need_not_have_one_length(toy_http):
    inputs = {"signal": [[[1], [2]], [[3], [4]], [[5], [6]]], "weight": [0.5]}
    body = {"signature_name": "two", "inputs": inputs}
    answer = predict(toy_http, body, "/v1/models/toy:predict")
    assert answer == (200, {"outputs": {"sum": 21, "weights": 0.5}})
    rows = {"signature_name": "two", "instances": [{"signal": [[1], [2]], "weight": 0.5}]}
    assert "no common number of rows" in refused(toy_http, rows, "/v1/models/toy:predict")


def test_rows_and_columns_agree_with_the_network(http, network, latents):
    z, donor = latents[:4], latents[4:8]
    blocks = np.tile([False, True, False], (4, 1))
    columns = {"z": z.tolist(), "donor": donor.tolist(), "blocks": blocks.tolist()}
    rows = [{key: column[row] for key, column in columns.items()} for row in range(4)]
    expected = network.swap(z, donor, "eye color")
    _, by_rows = predict(http, {"signature_name": "swap", "instances": rows})
    _, by_columns = predict(http, {"signature_name": "swap", "inputs": columns})
    np.testing.assert_allclose(by_rows["predictions"], expected, **CLOSE)
    assert by_columns["outputs"] == by_rows["predictions"]
    _, factors = predict(http, {"signature_name": "factors", "instances": z.tolist()})
    for name, part in network.factors(z).items():
        found = [prediction[name] for prediction in factors["predictions"]]
        np.testing.assert_allclose(found, part, **CLOSE)


# Predict: what is refused


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
        ({"instances": [7], "signature_name": "layout"}, "7 is not in [0, 3)"),
        ('{"instances": [[NaN,0,0,0,0,0,0,0,0,0,0,0]]}', "z is not finite in row"),
        ({"instances": [[1e300, *Z[:11]]]}, "z is not finite in row"),
    ],
)
def test_a_wrong_body_is_refused_in_words(http, body, words):
    assert words in refused(http, body)


def test_wrong_texts_are_refused(toy_http):
    path = "/v1/models/toy:predict"
    for value, words in ((3, "not texts"), ({"b64": "*"}, "base64"), (["a"], "shape [1,1]")):
        body = {"signature_name": "echo", "instances": [value]}
        assert words in refused(toy_http, body, path)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/v1/models/half:predict", 404, "Servable not found for request: Latest(half)"),
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


def test_a_fault_of_the_server_shows_no_trace_of_it(http, served, monkeypatch):
    def fail(path):
        raise OSError(f"{__file__}: secret")

    monkeypatch.setattr(served.models, "get", fail)
    answer = http.get("/v1/models/small")
    assert answer.status_code == 500
    assert answer.json() == {"error": "the server failed; its log says how"}
