"""Predictions of the local server in both forms, as TensorFlow Serving publishes them.

Source: tensorflow_serving/g3doc/api_rest.md, and what http_rest_api_handler.cc and json_tensor.cc
of TensorFlow Serving do where that page is silent.
"""

import base64

import numpy as np
import pytest
from rest_requests import predict, refused

# Sums of 12 products in float32, in batches of other sizes.
CLOSE = {"rtol": 1e-5, "atol": 2e-5}


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
