"""One row of each original, where a data set holds several views of it."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from iin_tf.checks import is_missing


def one_view_each(examples: Any, factors: Iterable[str]) -> np.ndarray:
    """One row of each original: int [originals].

    The first; but where the first views of all have one value of a factor that varies, because
    the rows stand in its order, a random one.

    Args:
      examples: whatever has `source` and `labels`, such as Examples or a LatentStore.
      factors: names of the labels that must not be hidden; those that there are not are left out.
    """
    source = np.asarray(examples.source)
    first = np.unique(source, return_index=True)[1]
    labels = [examples.labels[name] for name in factors if name in examples.labels]
    if not any(_hides(np.asarray(values), first) for values in labels):
        return first
    order = np.random.default_rng(0).permutation(len(source))
    return order[np.unique(source[order], return_index=True)[1]]


def _hides(values, rows):
    """Whether these rows have one known value, or none, and others have more."""
    seen, known = (one[~is_missing(one)] for one in (values[rows], values))
    if not len(seen):
        return len(known) > 0
    return bool((seen == seen[0]).all() and not (known == seen[0]).all())
