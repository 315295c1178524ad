"""A function of the representation, on rows of z_tilde: what responses and audits evaluate."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from iin_tf.checks import InputError

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

# Rows that are inverted and evaluated at once.
ROWS = 8192


def as_outputs(values: ArrayLike, rows: int) -> np.ndarray:
    """What a function gave for `rows` latents, as float64 [rows, O]; trailing axes are flattened.

    Raises:
      InputError: not one entry for each latent, class numbers, or values that are not finite.
    """
    values = np.asarray(values)
    if values.ndim == 0 or len(values) != rows or values.size == 0:
        raise InputError(
            f"function returned shape {values.shape} for {rows} latents; give one row a latent"
        )
    if values.dtype.kind not in "fb":
        raise InputError(
            f"function returned {values.dtype}, as class numbers are, whose distances mean "
            "nothing; return floats (logits, probabilities) or bools"
        )
    values = values.reshape(rows, -1).astype(np.float64)
    if not np.isfinite(values).all():
        raise InputError("function returned values that are not finite; mend the function")
    return values


def as_decisions(decide: Callable, values: np.ndarray) -> np.ndarray:
    """What `decide` makes of outputs [B, O]: one decision a row, [B].

    Raises:
      InputError: something of another shape.
    """
    found = np.asarray(decide(values))
    if found.shape != (len(values),):
        raise InputError(
            f"decide returned shape {found.shape} for {len(values)} rows; give one decision a row"
        )
    return found


def outputs_at(
    network: "InterpretationNetwork",
    function: Callable,
    z_tilde: np.ndarray,
    examples: np.ndarray | None = None,
) -> np.ndarray:
    """`function(T^-1(z_tilde))` as float64 [B, O], evaluated `ROWS` rows at once.

    With `examples`, int [B], the function gets these of each row as its second argument.
    """
    parts = []
    for start in range(0, len(z_tilde), ROWS):
        rows = np.asarray(network.invert(z_tilde[start : start + ROWS]))
        also = () if examples is None else (examples[start : start + ROWS],)
        parts.append(as_outputs(function(rows, *also), len(rows)))
    return np.concatenate(parts)


def transformed(network: "InterpretationNetwork", z: np.ndarray) -> np.ndarray:
    """z_tilde [n, N] of the checked latents `z` [n, N], `ROWS` rows at once."""
    return np.concatenate([np.asarray(network.transform(rows)) for rows in chunks(z)])


def chunks(rows: np.ndarray) -> list[np.ndarray]:
    """`rows` in parts of `ROWS`, in order."""
    return [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)]


def sizes(count: int) -> list[int]:
    """`count` rows in parts of at most `ROWS`: how many each part has."""
    return [min(ROWS, count - start) for start in range(0, count, ROWS)]
