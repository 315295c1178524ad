"""One row of each original, where a data set holds several views of it."""

from typing import Any

import numpy as np


def one_view_each(examples: Any) -> np.ndarray:
    """One row of each original: int [originals].

    The first; but where the first views of all have one value of a factor that varies, because
    the rows stand in its order, a random one.

    Args:
      examples: whatever has `source` and `labels`, such as Examples or a LatentStore.
    """
    source = np.asarray(examples.source)
    first = np.unique(source, return_index=True)[1]
    if not any(_hides(values, first) for values in examples.labels.values()):
        return first
    order = np.random.default_rng(0).permutation(len(source))
    return order[np.unique(source[order], return_index=True)[1]]


def _hides(values, rows):
    """Whether these rows have one value, and others have more."""
    values = np.asarray(values)
    return (values[rows] == values[rows[0]]).all() and not (values == values[rows[0]]).all()
