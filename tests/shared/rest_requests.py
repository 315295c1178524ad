"""Requests of TensorFlow Serving's REST interface, and what a refusal looks like."""

import json


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
