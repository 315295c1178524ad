"""JSON of arrays as TensorFlow Serving's REST interface writes it: with NaN and Infinity."""

import contextlib
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson


def loads(text: bytes) -> Any:
    """The value that `text` says.

    Raises:
      json.JSONDecodeError: it is no JSON, NaN and Infinity allowed.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        # NaN and Infinity are no JSON; Python's own reader takes them.
        return json.loads(text)


def dumps(value: Any, arrays: Iterable[np.ndarray]) -> bytes:
    """`value` as JSON.

    Args:
      value: nested lists and dicts, with arrays of numbers and Booleans in them.
      arrays: these arrays; where one of them isn't finite, the slower writer is taken.
    """
    if all(array.dtype.kind != "f" or np.isfinite(array).all() for array in arrays):
        # Half of a surrogate pair, which JSON can say and UTF-8 cannot.
        with contextlib.suppress(TypeError):
            return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    return json.dumps(value, default=lambda array: array.tolist()).encode()
