"""Requests of the REST interface, from an address and a body to an answer."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from iin_tf.serving.server.errors import GRPC, Refused
from iin_tf.serving.server.model import Model
from iin_tf.serving.server.tensors import read_inputs, write_outputs
from iin_tf.serving.server.version import DEFAULT
from iin_tf.serving.wire import dumps, loads

# Of versions: Python reads longer numbers not at all, and no folder has them.
_WHICH = r"(?:/versions/(?P<version>[0-9]{1,100})|/labels/(?P<label>[^/:]+))?"
_POST = re.compile(rf"/v1/models/(?P<name>[^/:]+){_WHICH}:(?P<method>classify|regress|predict)")
_GET = re.compile(rf"/v1/models/(?P<name>[^/:]+){_WHICH}(?P<metadata>/metadata)?")


class Models:
    """The models of a server by name, and what each request to them answers."""

    def __init__(self, models: Mapping[str, Model]):
        self._models = dict(models)

    def refresh(self) -> None:
        """Looks once into every model's directory."""
        for model in self._models.values():
            model.refresh()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is computed at the moment."""
        return all(model.is_idle for model in self._models.values())

    def model(self, name: str) -> Model:
        """The model of that name.

        Raises:
          Refused: there is none.
        """
        if name not in self._models:
            raise Refused(404, f"Servable not found for request: Latest({name}); "
                               f"there are {sorted(self._models)}")  # fmt: skip
        return self._models[name]

    def get(self, path: str) -> bytes:
        """The body of the answer to GET `path`: a model's status or metadata.

        Raises:
          Refused: there is nothing of that address.
        """
        found = _GET.fullmatch(path)
        if not found:
            raise Refused(400, f"Malformed request: GET {path}")
        model = self.model(found["name"])
        number, label = _number(found["version"]), found["label"]
        if found["metadata"]:
            return dumps(metadata(model, number, label), ())
        return dumps(status(model, number, label), ())

    def post(self, path: str, body: bytes) -> bytes:
        """The body of the answer to POST `path`.

        Raises:
          Refused: the address or the body is wrong.
        """
        found = _POST.fullmatch(path)
        if not found:
            raise Refused(400, f"Malformed request: POST {path}")
        model = self.model(found["name"])
        if found["method"] != "predict":
            raise Refused(400, f"no signature of an export takes :{found['method']}; use :predict")
        value = _parsed(body)
        with model.use(_number(found["version"]), found["label"]) as version:
            name = _signature_name(value)
            inputs, by_rows = _inputs(value, version.signature(name))
            outputs = version.run(name, inputs)
        return write_outputs(outputs, by_rows)

    def predict(
        self, name: str, number: int | None, label: str | None, signature: str, inputs: Mapping
    ) -> tuple[dict[str, np.ndarray], int]:
        """The outputs by name, and the number of the version that answered.

        Raises:
          Refused: there is no such model, version, signature or input.
        """
        with self.model(name).use(number, label) as version:
            signature = signature or DEFAULT
            specs = version.signature(signature).inputs
            if set(inputs) != set(specs):
                raise Refused(400, f"inputs are {sorted(inputs)}; give {sorted(specs)}")
            for key, spec in specs.items():
                if inputs[key].dtype != spec.dtype or not spec.fits(inputs[key].shape):
                    shape = ",".join(map(str, inputs[key].shape))
                    raise Refused(
                        400, f"{key} has type {inputs[key].dtype} and shape [{shape}]; give {spec}"
                    )
            return version.run(signature, inputs), version.number


def status(model: Model, number: int | None, label: str | None) -> dict[str, Any]:
    """GetModelStatusResponse as JSON: of one version, or of all that were seen.

    Raises:
      Refused: there is no such version.
    """
    number = model.number(number, label)
    states = model.states()
    if number is not None and number not in states:
        raise Refused(404, f"Could not find version {number} of model {model.name}")
    return {
        "model_version_status": [
            {
                "version": str(one),
                "state": state,
                "status": {
                    "error_code": "UNKNOWN" if words else "OK",
                    "error_message": words,
                },
            }
            for one, (state, words) in reversed(states.items())
            if number in (None, one)
        ]
    }


def metadata(model: Model, number: int | None, label: str | None) -> dict[str, Any]:
    """GetModelMetadataResponse as JSON.

    Raises:
      Refused: there is no such version.
    """
    with model.use(number, label) as version:
        return {
            "model_spec": {
                "name": model.name,
                "signature_name": "",
                "version": str(version.number),
            },
            "metadata": {"signature_def": {"signature_def": version.described}},
        }


def error_body(refused: Refused) -> bytes:
    """The body of an answer that refuses."""
    return dumps({"error": refused.words}, ())


def grpc_code(refused: Refused) -> str:
    """Name of the gRPC code of what refuses."""
    return GRPC[refused.status]


def _number(text):
    return None if text is None else int(text)


def _signature_name(value):
    name = value.get("signature_name", DEFAULT)
    if not isinstance(name, str):
        raise Refused(400, "'signature_name' key must be a string value.")
    return name or DEFAULT


def _inputs(value, signature):
    try:
        return read_inputs(value, signature)
    except RecursionError as error:
        raise Refused(400, "the body has too many lists inside of one another") from error


def _parsed(body):
    try:
        value = loads(body)
    except (ValueError, RecursionError) as error:
        # Python's own reader has words of its own for numbers of thousands of digits.
        raise Refused(400, f"JSON Parse error: {error}") from error
    if not isinstance(value, dict):
        raise Refused(400, "the body is no JSON object")
    return value
