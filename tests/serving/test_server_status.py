"""Status and metadata of the local server, as TensorFlow Serving publishes them, point by point.

Source: tensorflow_serving/g3doc/api_rest.md, and what http_rest_api_handler.cc and json_tensor.cc
of TensorFlow Serving do where that page is silent.
"""

import pytest


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
