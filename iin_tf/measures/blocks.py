"""Blocks of codes: which columns are scored together."""

from collections.abc import Mapping

import numpy as np


def resolve_blocks(blocks, width):
    """Blocks as {name: column indices}, in the layout's order.

    Args:
      blocks: an `iin_tf.FactorLayout` or any object with `names` and `slices`, or a mapping
        from a name to a slice or to column indices.
      width: number of code columns N.

    Raises:
      ValueError: when the blocks do not cover columns 0 to N - 1 exactly once.
    """
    if not isinstance(blocks, Mapping):
        if not (hasattr(blocks, "names") and hasattr(blocks, "slices")):
            raise ValueError(
                f"blocks is a {type(blocks).__name__}: give a FactorLayout or a mapping "
                "from a name to a slice or column indices"
            )
        blocks = {name: blocks.slices[name] for name in blocks.names}
    columns = np.arange(width)
    resolved = {str(name): _columns(name, where, columns) for name, where in blocks.items()}
    used = np.concatenate([*resolved.values(), np.array([], np.int64)])
    counts = np.bincount(used, minlength=width)
    if np.any(counts != 1):
        column = int(np.flatnonzero(counts != 1)[0])
        fault = "is in no block" if counts[column] == 0 else f"is in {counts[column]} blocks"
        raise ValueError(
            f"blocks do not cover the {width} code columns: column {column} {fault}; "
            "give every column to exactly one block"
        )
    return resolved


def _columns(name, where, columns):
    if isinstance(where, slice):
        if where.stop is not None and where.stop > len(columns):
            raise ValueError(
                f"block {name!r} ends at column {where.stop} but codes has {len(columns)} columns"
            )
        found = columns[where]
    else:
        found = np.asarray(where)
        if found.ndim != 1 or found.dtype.kind not in "iu":
            raise ValueError(f"block {name!r} is {where!r}: give a slice or column indices")
        if np.any((found < 0) | (found >= len(columns))):
            raise ValueError(
                f"block {name!r} has columns outside 0 to {len(columns) - 1}: {where!r}"
            )
    if len(found) == 0:
        raise ValueError(f"block {name!r} has no columns: leave it out or give it some")
    return found.astype(np.int64)


def own_blocks(blocks, factor_names, named):
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
