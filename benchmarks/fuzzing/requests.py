"""Requests to the local server: addresses and bodies, up to a model that echoes."""

import contextlib
from pathlib import Path

import numpy as np

from fuzzing.mutations import TEXTS, changed_bytes, changed_text
from iin_tf.checks import InputError
from iin_tf.serving.server.errors import Refused
from iin_tf.serving.server.requests import Models, error_body
from iin_tf.serving.signatures import Signature, Spec

RIGHT = (
    '{"signature_name": "serving_default", "instances": [{"z": [1.0, 2.0, 3.0], "n": 2}]}',
    '{"inputs": {"z": [[1.0, 2.0, 3.0], [4.5, 5e-3, -6.0]], "n": [2, 3]}}',
    '{"signature_name": "texts", "instances": [{"b64": "aGk="}, "text"]}',
    '{"instances": [[1.0, 2.0, 3.0]], "signature_name": "one"}',
)
PATHS = ("/v1/models/echo:predict", "/v1/models/echo/versions/1:predict", "/v1/models/echo")
_Z, _N = Spec(np.dtype("float32"), (None, 3)), Spec(np.dtype("int64"), (None,))
_TEXT = Spec(np.dtype(object), (None,))


SIGNATURES = {
    "serving_default": Signature({"z": _Z, "n": _N}, {"z": _Z, "n": _N}),
    "one": Signature({"z": _Z}, {"z": _Z}),
    "texts": Signature({"text": _TEXT}, {"text": _TEXT}),
}


class Echo:
    """A model of one version that gives back what it gets."""

    name, number = "echo", 1

    @contextlib.contextmanager
    def use(self, number=None, label=None):
        if number not in (None, 1) or label is not None:
            raise Refused(404, "no such version")
        yield self

    def signature(self, name):
        if name not in SIGNATURES:
            raise Refused(404, "no such signature")
        return SIGNATURES[name]

    def run(self, name, inputs):
        for key, spec in SIGNATURES[name].inputs.items():
            assert inputs[key].dtype == spec.dtype, f"{key} came as {inputs[key].dtype}"
            assert spec.fits(inputs[key].shape), f"{key} came as {inputs[key].shape}"
        return inputs


def server_requests(random: np.random.Generator, folder: Path) -> None:
    """A request to predict, with its body or its address changed."""
    models = Models({"echo": Echo()})
    text, path = RIGHT[random.integers(len(RIGHT))], PATHS[0]
    if random.random() < 0.3:
        body = changed_bytes(random, text.encode())
    else:
        body = changed_text(random, text).encode("utf-8", "surrogateescape")
    if random.random() < 0.2:
        path = changed_text(random, PATHS[random.integers(len(PATHS))])
    if random.random() < 0.05:
        body = TEXTS[random.integers(len(TEXTS))].encode()
    try:
        models.post(path, body)
    except Refused as refused:
        # The documented type: an HTTP status, and words that fit into an answer.
        if not 400 <= refused.status < 500:
            raise RuntimeError(f"status {refused.status}: {refused.words}") from None
        error_body(refused)
        raise InputError(" ".join(refused.words.split())) from None
