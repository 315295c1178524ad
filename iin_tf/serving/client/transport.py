"""What carries requests: the same for REST and gRPC."""

import abc
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from iin_tf.serving.client.errors import SenselessAnswer
from iin_tf.serving.signatures import Signature

_T = TypeVar("_T")
# Seconds before the first repetition; each waits twice as long.
_PAUSE = 0.1


class Transport(abc.ABC):
    """Carries requests to one model, and its answers back.

    Every method raises ServerError with the server's own words, ConnectionError where no
    connection came about or it was cut, and TimeoutError.
    """

    @abc.abstractmethod
    def describe(self) -> tuple[int, dict[str, Signature]]:
        """The number of the version that the address means now, and its signatures."""

    @abc.abstractmethod
    def predict(
        self, version: int, name: str, signature: Signature, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """The outputs by name of the signature `name` of that version."""

    @abc.abstractmethod
    def close(self) -> None:
        """Closes the connections."""


def again(send: Callable[[], _T], retries: int) -> _T:
    """`send()`, repeated after connection errors: a request changes nothing on the server.

    Args:
      send: function that raises ConnectionError where the connection is at fault.
      retries: how often it is repeated at most.
    """
    for attempt in range(retries):
        try:
            return send()
        except ConnectionError:
            time.sleep(_PAUSE * 2**attempt)
    return send()


def read_answer(
    answer: Mapping[str, Any], inputs: Mapping[str, np.ndarray], signature: Signature
) -> dict[str, np.ndarray]:
    """A server's answer as arrays, one row for each that it was sent.

    Args:
      answer: mapping name -> value.
      inputs: what was sent.
      signature: of the endpoint.

    Raises:
      SenselessAnswer: it is no answer of this signature to these inputs.
    """
    rows = len(next(iter(inputs.values())))
    arrays = {}
    for name, spec in signature.outputs.items():
        if name not in answer:
            raise SenselessAnswer(f"it has no {name}")
        array = arrays[name] = np.asarray(answer[name], spec.dtype)
        if not spec.fits(array.shape) or array.shape[:1] != (rows,):
            shape = ", ".join(map(str, array.shape))
            raise SenselessAnswer(f"{name} has shape [{shape}], not {spec} of {rows} rows")
    return arrays
