"""Requests by REST."""

import json
from collections.abc import Mapping
from typing import Any

import httpx2
import numpy as np

from iin_tf.serving.client.address import Address
from iin_tf.serving.client.errors import ServerError
from iin_tf.serving.client.transport import Transport, again, as_array
from iin_tf.serving.signatures import Signature, read_signatures
from iin_tf.serving.wire import dumps, loads


class Rest(Transport):
    """Carries requests by REST, in the columnar form.

    Args:
      address: Address.
      timeout: seconds without a sign of the server.
      retries: repetitions after connection errors.
    """

    def __init__(self, address: Address, timeout: float, retries: int):
        self._address, self._timeout, self._retries = address, timeout, retries
        root = f"{address.scheme}://{address.host}"
        # Only what the caller names: no proxy of the environment, and no redirection.
        self._http = httpx2.Client(base_url=root, timeout=timeout, trust_env=False)
        self._model = f"/v1/models/{address.name}"

    def describe(self) -> tuple[int, dict[str, Signature]]:
        address = self._address
        which = "" if address.version is None else f"/versions/{address.version}"
        which = which if address.label is None else f"/labels/{address.label}"
        answer = self._ask("GET", f"{self._model}{which}/metadata")
        signatures = read_signatures(answer["metadata"]["signature_def"]["signature_def"])
        return int(answer["model_spec"]["version"]), signatures

    def predict(
        self, version: int, name: str, signature: Signature, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        values = {key: _writable(value) for key, value in inputs.items()}
        body = dumps({"signature_name": name, "inputs": values}, inputs.values())
        answer = self._ask("POST", f"{self._model}/versions/{version}:predict", body)["outputs"]
        if len(signature.outputs) == 1:
            # The form leaves the name out.
            answer = {next(iter(signature.outputs)): answer}
        return {key: as_array(answer[key], spec) for key, spec in signature.outputs.items()}

    def close(self) -> None:
        self._http.close()

    def _ask(self, method, path, body=None) -> Any:
        response = again(lambda: self._send(method, path, body), self._retries)
        try:
            value = loads(response.content)
        except (json.JSONDecodeError, UnicodeDecodeError):
            value = None
        if response.status_code == 200 and isinstance(value, dict):
            return value
        words = value.get("error") if isinstance(value, dict) else None
        words = words or f"an answer of {response.headers.get('content-type', 'no type')}"
        raise ServerError(f"{words} (HTTP {response.status_code})", response.status_code)

    def _send(self, method, path, body):
        where = f"{self._address.scheme}://{self._address.host}"
        try:
            headers = {"content-type": "application/json"}
            return self._http.request(method, path, content=body, headers=headers)
        except httpx2.TimeoutException as error:
            raise TimeoutError(f"no answer from {where} in {self._timeout:g} s") from error
        except httpx2.TransportError as error:
            raise ConnectionError(f"no connection to {where}: {error}") from error

    def __del__(self):
        # Whoever forgets to close leaves no open socket behind.
        if hasattr(self, "_http"):
            self._http.close()


def _writable(array):
    if array.dtype == object:
        return [_text(one) for one in array.tolist()]
    return array


def _text(value):
    return value.decode() if isinstance(value, bytes) else value
