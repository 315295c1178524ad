"""Blocks of codes: which columns are scored together."""

from collections.abc import Mapping, Sequence

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError


def resolve_blocks(blocks: object, width: int) -> dict[str, np.ndarray]:
    """Blocks as {name: column indices}, in the layout's order.

    Args:
      blocks: an `iin_tf.FactorLayout` or any object with `names` and `slices`, or a mapping
        from a name to a slice or to column indices.
      width: number of code columns N.

    Raises:
      InputError: something else, or blocks that do not cover columns 0 to N - 1 exactly once.
    """
    if not isinstance(blocks, Mapping):
        if isinstance(blocks, type) or not (hasattr(blocks, "names") and hasattr(blocks, "slices")):
            raise InputError(
                f"blocks is {checks.shown(blocks)}; give a FactorLayout or a mapping from a name "
                "to a slice or column indices"
            )
        blocks = {name: blocks.slices[name] for name in blocks.names}
    for name in blocks:
        if not isinstance(name, str):
            raise InputError(f"blocks has the name {checks.shown(name)}; give texts as names")
    columns = np.arange(width)
    resolved = {name: _columns(name, where, columns) for name, where in blocks.items()}
    used = np.concatenate([*resolved.values(), np.array([], np.int64)])
    counts = np.bincount(used, minlength=width)
    if np.any(counts != 1):
        column = int(np.flatnonzero(counts != 1)[0])
        fault = "is in no block" if counts[column] == 0 else f"is in {counts[column]} blocks"
        raise InputError(
            f"blocks do not cover the {width} code columns, column {column} {fault}; give every "
            "column to exactly one block"
        )
    return resolved


def _columns(name, where, columns):
    if isinstance(where, slice):
        found = _of_slice(name, where, columns)
    else:
        try:
            found = np.asarray(where)
        except (ValueError, TypeError):
            found = np.array(None)
        if found.ndim != 1 or found.dtype.kind not in "iu":
            raise InputError(
                f"block {name!r} is {checks.shown(where)}; give a slice or column indices"
            )
        if np.any((found < 0) | (found >= len(columns))):
            raise InputError(
                f"block {name!r} has columns outside 0 to {len(columns) - 1}; "
                f"{checks.shown(where)} was given"
            )
    if len(found) == 0:
        raise InputError(f"block {name!r} has no columns; leave it out or give it some")
    return found.astype(np.int64)


def _of_slice(name, where, columns):
    ends = (where.start, where.stop, where.step)
    if any(not isinstance(end, int | np.integer | None) for end in ends) or where.step == 0:
        raise InputError(f"block {name!r} is {checks.shown(where)}; give a slice of whole numbers")
    if where.stop is not None and where.stop > len(columns):
        raise InputError(
            f"block {name!r} ends at column {where.stop}, codes has {len(columns)} columns; give "
            "blocks of these codes"
        )
    return columns[where]


def own_blocks(
    blocks: Mapping[str, np.ndarray], factor_names: Sequence[str], named: bool
) -> dict[str, str | None]:
    """The block that belongs to each factor, as {factor name: block name or None}.

    A factor of a block's name owns that block.  Without given factor names, factors belong
    to the blocks other than "residual" in order, when there are equally many.
    """
    if named:
        return {name: name if name in blocks else None for name in factor_names}
    free = [name for name in blocks if name != "residual"]
    if len(free) != len(factor_names):
        return dict.fromkeys(factor_names)
    return dict(zip(factor_names, free, strict=True))
