"""Requests to arrays and arrays to answers: the row and the columnar form."""

import base64
import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from iin_tf.serving.server.errors import Refused
from iin_tf.serving.signatures import Signature, Spec
from iin_tf.serving.wire import dumps

# By the kind that a tensor has: what JSON may hold, and NumPy's kinds of that.
_TYPES: dict[str, set[type]] = {"f": {int, float}, "i": {int}, "u": {int}, "b": {bool}}
_KINDS = {"f": "iuf", "i": "iu", "u": "iu", "b": "b"}


def read_inputs(body: Any, signature: Signature) -> tuple[dict[str, np.ndarray], bool]:
    """The inputs of a request, and whether it has the row form.

    Raises:
      Refused: the request is not what TensorFlow Serving's REST interface takes.
    """
    forms = [key for key in ("instances", "inputs") if key in body]
    if len(forms) == 2:
        raise Refused(400, "give one of the keys 'inputs' and 'instances', not both")
    if not forms:
        raise Refused(400, "Missing 'inputs' or 'instances' key")
    by_rows = forms == ["instances"]
    read = _columns_of_rows if by_rows else _columns
    values = read(body[forms[0]], signature.inputs)
    specs = signature.inputs.items()
    return {name: read_array(values[name], spec, name) for name, spec in specs}, by_rows


def _columns_of_rows(instances, specs):
    if not isinstance(instances, list):
        raise Refused(400, "Expecting 'instances' to be a list")
    if not instances:
        raise Refused(400, "No values in 'instances' array")
    objects = [_is_object(one) for one in instances]
    if not any(objects):
        return {_only(specs, "instances"): instances}
    if not all(objects):
        raise Refused(400, f"instances mixes objects and values; item {objects.index(False)}"
                           " is no object")  # fmt: skip
    for row, one in enumerate(instances):
        if set(one) != set(specs):
            raise Refused(400, f"instance {row} has the inputs {sorted(one)}; give {sorted(specs)}")
    return {name: [one[name] for one in instances] for name in specs}


def _columns(inputs, specs):
    if not _is_object(inputs):
        return {_only(specs, "inputs"): inputs}
    missing = sorted(set(specs) - set(inputs))
    if missing:
        raise Refused(400, f"Missing named input: {missing[0]} in 'inputs' object.")
    # As there, what else stands in it is passed over.
    return inputs


def _only(specs, key):
    if len(specs) > 1:
        raise Refused(400, f"{key} has plain values, but the signature has several inputs: give"
                           f" objects with {sorted(specs)}")  # fmt: skip
    return next(iter(specs))


def _is_object(value):
    return isinstance(value, dict) and not _is_base64(value)


def _is_base64(value):
    return isinstance(value, dict) and list(value) == ["b64"] and isinstance(value["b64"], str)


def read_array(value: Any, spec: Spec, name: str) -> np.ndarray:
    """`value` of JSON as the array that `spec` asks for.

    Raises:
      Refused: another type, rows of several lengths, or another shape; it names the input.
    """
    if spec.dtype == object:
        value = _bytes_of(value, name)
    else:
        # Before NumPy sees them: it gives each of many texts the room of the longest.
        _check_types(value, spec, name)
    try:
        array = np.array(value, object if spec.dtype == object else None)
        uneven = array.dtype == object and any(isinstance(one, list) for one in array.flat)
    except ValueError:
        uneven = True
    if uneven:
        raise Refused(400, f"{name} has lists of several lengths; give {spec}")
    if spec.dtype != object and array.size:
        _check_kind(array, spec, name)
    if not spec.fits(array.shape):
        shape = ",".join(map(str, array.shape))
        raise Refused(400, f"{name} has shape [{shape}]; give {spec}")
    # 1e300 becomes infinity in float32, which the model's own check then names.
    with np.errstate(over="ignore"):
        return array.astype(spec.dtype)


def _check_types(value, spec, name):
    # A list among them is one of another length, of which something else is said.
    if not set(map(type, _flat(value))) <= _TYPES[spec.dtype.kind] | {list}:
        raise _wrong_type(spec, name)


def _check_kind(array, spec, name):
    """Refuses numbers that the type does not hold."""
    right = array.dtype.kind in _KINDS[spec.dtype.kind]
    if right and spec.dtype.kind in "iu":
        ends = np.iinfo(spec.dtype)
        right = ends.min <= array.min() and array.max() <= ends.max
    if not right:
        raise _wrong_type(spec, name)


def _wrong_type(spec, name):
    return Refused(400, f"{name} holds values that are not of the expected type: give {spec}")


def _flat(value):
    while isinstance(value, list) and value and all(isinstance(one, list) for one in value):
        value = list(itertools.chain.from_iterable(value))
    return value if isinstance(value, list) else [value]


def _bytes_of(value, name):
    if isinstance(value, list):
        return [_bytes_of(one, name) for one in value]
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError as error:
            raise Refused(
                400, f"{name} holds half of a surrogate pair, which is no text"
            ) from error
    if not _is_base64(value):
        raise Refused(400, f"{name} holds values that are not texts, nor bytes as an object b64")
    try:
        return base64.b64decode(value["b64"], validate=True)
    except ValueError as error:
        # Also of characters beyond ASCII.
        raise Refused(400, f"{name}: Unable to base64 decode") from error


def write_outputs(outputs: Mapping[str, np.ndarray], by_rows: bool) -> bytes:
    """The body of the answer, in the form of the request.

    Raises:
      Refused: the outputs are no rows, but the request has the row form.
    """
    rows = {array.shape[:1] for array in outputs.values()}
    if by_rows and (len(rows) > 1 or () in rows):
        raise Refused(400, "the outputs have no common number of rows: use 'inputs'")
    values = {name: _writable(array, name) for name, array in outputs.items()}
    if len(values) == 1:
        (value,) = values.values()
    elif by_rows:
        count = len(next(iter(values.values())))
        value = [{name: column[row] for name, column in values.items()} for row in range(count)]
    else:
        value = values
    return dumps({"predictions" if by_rows else "outputs": value}, outputs.values())


def _writable(array, name):
    if array.dtype != object:
        return np.ascontiguousarray(array) if array.ndim else array.item()
    # Names that end so say that their values are no texts.
    binary = name.endswith("_bytes")
    return _texts(array.tolist(), binary)


def _texts(value, binary):
    if isinstance(value, list):
        return [_texts(one, binary) for one in value]
    if binary:
        return {"b64": base64.b64encode(value).decode()}
    return value.decode(errors="replace")
