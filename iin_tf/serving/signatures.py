"""What a model's signatures ask for and answer, as its metadata say it."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

_DTYPES = {
    "DT_FLOAT": "float32",
    "DT_DOUBLE": "float64",
    "DT_HALF": "float16",
    "DT_INT8": "int8",
    "DT_INT16": "int16",
    "DT_INT32": "int32",
    "DT_INT64": "int64",
    "DT_UINT8": "uint8",
    "DT_UINT16": "uint16",
    "DT_UINT32": "uint32",
    "DT_UINT64": "uint64",
    "DT_BOOL": "bool",
    "DT_STRING": "object",
}
# What TensorFlow adds for itself; nobody calls it.
_INTERNAL = "__saved_model_init_op"


@dataclasses.dataclass(frozen=True)
class Spec:
    """Of one array: `dtype`, object for texts and bytes, and `shape`, None where any length is."""

    dtype: np.dtype
    shape: tuple[int | None, ...] | None

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Whether an array of `shape` is one of these."""
        return self.shape is None or (
            len(shape) == len(self.shape)
            and all(b in (None, a) for a, b in zip(shape, self.shape, strict=True))
        )

    def __str__(self):
        dtype = "text" if self.dtype == object else self.dtype.name
        if self.shape is None:
            return dtype
        return f"{dtype} [{', '.join('B' if size is None else str(size) for size in self.shape)}]"


@dataclasses.dataclass(frozen=True)
class Signature:
    """One signature: `inputs` and `outputs`, a `Spec` by name each."""

    inputs: Mapping[str, Spec]
    outputs: Mapping[str, Spec]


def read_signatures(described: Mapping[str, Any]) -> dict[str, Signature]:
    """Signatures by name.

    Args:
      described: mapping name -> SignatureDef as JSON, as in `metadata.signature_def`.
    """
    return {
        name: Signature(_specs(one.get("inputs", {})), _specs(one.get("outputs", {})))
        for name, one in described.items()
        if name != _INTERNAL
    }


def _specs(tensors):
    return {name: _spec(tensor) for name, tensor in sorted(tensors.items())}


def _spec(tensor):
    shape = tensor.get("tensor_shape", {})
    sizes = [int(dim.get("size", 0)) for dim in shape.get("dim", ())]
    known = None if shape.get("unknown_rank") else tuple(n if n >= 0 else None for n in sizes)
    return Spec(np.dtype(_DTYPES[tensor["dtype"]]), known)
