"""What a client sends: checked against the signature, and cut into batches."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from iin_tf.checks import InputError, real_array, shown
from iin_tf.serving.signatures import Signature, Spec


def checked(inputs: Mapping[str, Any], name: str, signature: Signature) -> dict[str, np.ndarray]:
    """The inputs as arrays of the signature's types.

    Raises:
      InputError: an input is unknown or missing, has another shape or type, isn't finite, or two
        differ in their number of rows.
    """
    if set(inputs) != set(signature.inputs):
        raise InputError(
            f"{name} is given the inputs {sorted(inputs)}; give {sorted(signature.inputs)}"
        )
    arrays = {key: _array(inputs[key], spec, key) for key, spec in signature.inputs.items()}
    rows = {key: len(array) for key, array in arrays.items()}
    if len(set(rows.values())) > 1:
        raise InputError(f"the inputs of {name} have different numbers of rows: {rows}")
    return arrays


def _array(value: Any, spec: Spec, name: str) -> np.ndarray:
    array = _texts(value, name) if spec.dtype == object else real_array(value, name)
    if not spec.fits(array.shape):
        shape = ", ".join(map(str, array.shape))
        raise InputError(f"{name} has shape [{shape}]; give {spec}")
    if spec.dtype == object:
        return array
    kinds = {"b": "b", "f": "iuf"}.get(spec.dtype.kind, "iu")
    if array.dtype.kind not in kinds and array.size:
        raise InputError(f"{name} has dtype {array.dtype}; give {spec}")
    with np.errstate(over="ignore"):
        cast = array.astype(spec.dtype)
    if spec.dtype.kind == "f":
        _check_finite(cast, name)
    elif (cast != array).any():
        raise InputError(f"{name} has values beyond {spec.dtype}; give {spec}")
    return cast


def _check_finite(array, name):
    bad = np.unique(np.argwhere(~np.isfinite(array))[:, 0])
    if bad.size:
        raise InputError(f"{name}: row {bad[0]} is not finite; drop it or mend what makes it")


def _texts(value, name):
    array = np.asarray([value] if isinstance(value, str | bytes) else value, object)
    for one in array.flat:
        if not isinstance(one, str | bytes):
            raise InputError(f"{name} holds {shown(one)}; give texts")
    return array


def batches(arrays: Mapping[str, np.ndarray], size: int) -> Iterator[dict[str, np.ndarray]]:
    """Rows of all arrays, at most `size` together."""
    rows = len(next(iter(arrays.values())))
    for start in range(0, rows, size):
        yield {key: array[start : start + size] for key, array in arrays.items()}


def empty(signature: Signature) -> dict[str, np.ndarray]:
    """The answer to no rows, which the REST interface cannot be asked for."""
    return {
        key: np.empty([size or 0 for size in spec.shape or (0,)], spec.dtype)
        for key, spec in signature.outputs.items()
    }
