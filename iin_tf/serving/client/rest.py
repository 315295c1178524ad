"""Requests by REST."""

import base64
import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import numpy as np

from iin_tf.checks import InputError, shown
from iin_tf.serving.client.address import Address
from iin_tf.serving.client.errors import SenselessAnswer, ServerError
from iin_tf.serving.client.transport import Transport, again, read_answer
from iin_tf.serving.signatures import Signature, read_signatures
from iin_tf.serving.wire import dumps, loads


class Rest(Transport):
    """Carries requests by REST, in the columnar form.

    Args:
      address: Address.
      timeout: seconds for each request.
      retries: repetitions after connection errors.
    """

    def __init__(self, address: Address, timeout: float, retries: int):
        self._address, self._timeout, self._retries = address, timeout, retries
        root = f"{address.scheme}://{address.host}"
        # Only what the caller names: no proxy of the environment, and no redirection.
        try:
            self._http = httpx2.Client(base_url=root, timeout=timeout, trust_env=False)
        except httpx2.InvalidURL as error:
            raise InputError(f"url has the host {shown(address.host)} ({error})") from error
        self._model = f"/v1/models/{address.name}"

    def describe(self) -> tuple[int, dict[str, Signature]]:
        address = self._address
        which = "" if address.version is None else f"/versions/{address.version}"
        which = which if address.label is None else f"/labels/{address.label}"
        answer = self._ask("GET", f"{self._model}{which}/metadata")
        with _understood():
            signatures = read_signatures(answer["metadata"]["signature_def"]["signature_def"])
            return int(answer["model_spec"]["version"]), signatures

    def predict(
        self, version: int, name: str, signature: Signature, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        values = {key: _writable(value) for key, value in inputs.items()}
        body = dumps({"signature_name": name, "inputs": values}, inputs.values())
        answer = self._ask("POST", f"{self._model}/versions/{version}:predict", body)
        with _understood():
            outputs = answer["outputs"]
            if len(signature.outputs) == 1:
                # The form leaves the name out.
                outputs = {next(iter(signature.outputs)): outputs}
            return read_answer(outputs, inputs, signature)

    def close(self) -> None:
        self._http.close()

    def _ask(self, method, path, body=None) -> Any:
        status, headers, content = again(lambda: self._send(method, path, body), self._retries)
        try:
            value = loads(content)
        except (ValueError, RecursionError):
            value = None
        if status == 200 and isinstance(value, dict):
            return value
        words = value.get("error") if isinstance(value, dict) else None
        words = words or f"an answer of {headers.get('content-type', 'no type')}"
        raise ServerError(f"{words} (HTTP {status})", status)

    def _send(self, method, path, body):
        where = f"{self._address.scheme}://{self._address.host}"
        try:
            return self._received(method, path, body)
        except httpx2.TimeoutException as error:
            raise TimeoutError(f"no answer from {where} in {self._timeout:g} s") from error
        except httpx2.TransportError as error:
            raise ConnectionError(f"no connection to {where}: {error}") from error
        except httpx2.DecodingError as error:
            raise ServerError(f"the server's answer makes no sense: {error}", 200) from error

    def _received(self, method, path, body):
        """The whole response: the library's own limit is for each part of it."""
        headers, until = {"content-type": "application/json"}, time.monotonic() + self._timeout
        with self._http.stream(method, path, content=body, headers=headers) as response:
            parts = []
            for part in response.iter_bytes():
                parts.append(part)
                if time.monotonic() > until:
                    raise httpx2.ReadTimeout("the answer drips")
        return response.status_code, response.headers, b"".join(parts)

    def __del__(self):
        # Whoever forgets to close leaves no open socket behind.
        if hasattr(self, "_http"):
            self._http.close()


@contextlib.contextmanager
def _understood() -> Iterator[None]:
    """Whatever cannot be read in a server's answer is the server's error."""
    try:
        yield
    except (LookupError, TypeError, ValueError, SenselessAnswer) as error:
        raise ServerError(f"the server's answer makes no sense: {error}", 200) from error


def _writable(array):
    if array.dtype == object:
        return [_text(one) for one in array.tolist()]
    return array


def _text(value):
    if isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(value).decode()}
