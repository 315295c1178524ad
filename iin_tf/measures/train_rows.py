"""Train rows that meet every value of every factor."""

from collections.abc import Sequence

import numpy as np

from iin_tf.checks import InputError
from iin_tf.measures.sample import Factor


def complete_train(
    factors: Sequence[Factor],
    train: np.ndarray,
    rest: np.ndarray,
    test_count: int,
    source: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Moves one row of each value that the train rows miss from the rest to the train rows.

    Args:
      factors: the factors.
      train: row numbers for training.
      rest: the other row numbers; the first `test_count` that stay become the test rows.
      test_count: how many test rows to take.
      source: the original behind each row, [n]; a moved row takes its original's along.

    Returns:
      (train, test).

    Raises:
      InputError: no row is left for testing, or one original has all rows for training.
    """
    for factor in factors:
        if factor.continuous:
            continue
        missing = np.setdiff1d(np.arange(factor.count), factor.levels[train])
        for level in missing:
            # The original that moved for another value may have brought this one along.
            if np.any(factor.levels[train] == level):
                continue
            found = rest[factor.levels[rest] == level][:1]
            moved = rest == found if source is None else source[rest] == source[found]
            train = np.concatenate([train, rest[moved]])
            rest = rest[~moved]
    if len(rest) == 0:
        raise InputError(
            f"training needs all {len(train)} rows to meet every value of the factors, and no test "
            "row is left; give more rows (of other sources) or declare factors continuous"
        )
    if source is not None and len(np.unique(source[train])) < 2:
        raise InputError(
            "source gives one original nearly all rows, and training has no other; give sources "
            "of more even sizes"
        )
    return train, rest[:test_count]
