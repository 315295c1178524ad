"""Examples with what is known about each of them: what every source of data gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from iin_tf.checks import InputError, check_same_length, shown
from iin_tf.data.ids import id_texts
from iin_tf.data.label_array import label_array
from iin_tf.data.labels import mapping
from iin_tf.data.lazy_rows import LazyRows


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs of a model, their labels, and the original that each was made from.

    Attributes:
      x: [n, ...], images, vectors, texts: an array, or `LazyRows`, which are read when they are
        asked for.
      labels: name -> [n] or [n, channels] array; the digit data sets hold "digit" (int64 [n])
        and "color" (float32 [n, 3], RGB in [0, 1]).
      source: int64 or text [n], the original that an example is a view of.  Two views of one
        original share it, and a pair must not be made of them.
      id: int64 or text [n], the distinct names by which tables know the examples; row numbers by
        default.

    Raises:
      InputError: arrays of other shapes, lengths or dtypes, or an id that occurs twice.
    """

    x: Any
    labels: Mapping[str, Any]
    source: Any
    id: Any = None

    def __post_init__(self):
        # A data frame has a shape, but no one dtype.
        x = self.x if hasattr(self.x, "shape") and hasattr(self.x, "dtype") else _rows(self.x)
        if not isinstance(x.shape, tuple) or len(x.shape) == 0:
            raise InputError(f"x is {shown(self.x)}; give one row for each example")
        labels = {
            name: label_array(values, f"labels[{name!r}]")
            for name, values in mapping(self.labels, "labels").items()
        }
        for name, values in labels.items():
            if values.ndim not in (1, 2):
                raise InputError(
                    f"labels[{name!r}] has shape {values.shape}; give [n] or [n, channels]"
                )
            check_same_length(values, x, (f"labels[{name!r}]", "x"))
        names = np.arange(x.shape[0]) if self.id is None else self.id
        columns = {"source": _column("source", self.source, x), "id": _column("id", names, x)}
        id_texts(columns["id"], "id", fewest=0)
        for name, value in {"x": x, "labels": labels, **columns}.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return self.x.shape[0]

    def select(self, rows: Any) -> "Examples":
        """The examples at `rows` (indices, a slice or a boolean mask), in that order."""
        labels = {name: values[rows] for name, values in self.labels.items()}
        # Rows that are not in memory stay where they are.
        x = self.x.select(rows) if isinstance(self.x, LazyRows) else self.x[rows]
        return Examples(x, labels, self.source[rows], self.id[rows])


def _rows(x):
    """Rows from a sequence of them."""
    try:
        return np.asarray(x)
    except ValueError as error:
        raise InputError(f"x is {shown(x)}, rows of several shapes; give equal ones") from error


def _column(name: str, values: object, x: Any) -> np.ndarray:
    """`values` as whole numbers or texts, one for each row of `x`."""
    values = label_array(values, name)
    if values.ndim != 1 or values.dtype.kind not in "iuU":
        raise InputError(
            f"{name} has shape {values.shape} and dtype {values.dtype}; "
            "give one whole number or text for each example"
        )
    check_same_length(values, x, (name, "x"))
    return values.astype(np.int64) if values.dtype.kind == "i" else values
