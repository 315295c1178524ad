"""Private names of scikit-learn."""

from collections.abc import Iterator
from typing import Any

import numpy as np


def node_tables(model: Any) -> Iterator[np.ndarray]:
    """The nodes of each tree of a fitted histogram gradient boosting, a structured array a tree.

    Public way: the model offers no importances, and no other look at its trees.
    Tests: tests/measures/test_intervals.py holds the total gain against the fitted split.
    """
    for trees in model._predictors:
        for tree in trees:
            yield tree.nodes
