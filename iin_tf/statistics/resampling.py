"""Estimates and their replicates under a resampling plan."""

from collections.abc import Callable

import numpy as np

from iin_tf.checks import InputError
from iin_tf.statistics.plans import Bootstrap, HalfSamples, Strata, TwoWay

# Numbers that `resampled` may return: 4 GB of float64.
MOST = 1 << 29


def resampled(score: Callable, plan: Bootstrap | Strata | TwoWay) -> np.ndarray:
    """A score of weighted rows on all rows once, and on every draw of the plan.

    Args:
      score: function of weights [draws, n] to scores [draws, ...].
      plan: gives the weights, a chunk at a time.

    Returns:
      [1 + R, ...], the estimate first.

    Raises:
      InputError: the result would take more than 4 GB.
    """
    parts = [np.asarray(score(np.ones((1, plan.rows))))]
    if plan.resamples * parts[0].size > MOST:
        raise InputError(
            f"resamples is {plan.resamples}, each of {parts[0].size} numbers, which takes more "
            f"than {MOST >> 27} GB; give fewer"
        )
    parts += [np.asarray(score(weights)) for weights in plan.chunks()]
    return np.concatenate(parts)


def means(table: np.ndarray) -> Callable:
    """The score that is the mean of each column over weighted rows, for `resampled`.

    Args:
      table: [n, ...], one row for each that is weighted.

    Returns:
      Function of weights [draws, n] to [draws, ...].
    """
    table = np.asarray(table, np.float64)
    flat = table.reshape(len(table), -1)

    def score(weights: np.ndarray) -> np.ndarray:
        found = (weights @ flat) / weights.sum(axis=1, keepdims=True)
        return found.reshape(len(weights), *table.shape[1:])

    return score


def subsampled(estimate: Callable, plan: HalfSamples) -> np.ndarray:
    """An estimate on all rows once, and on every draw of the plan.

    Args:
      estimate: function of row numbers [m] to a number or an array.
      plan: gives the row numbers.

    Returns:
      [1 + R, ...], the estimate first.
    """
    return np.array([estimate(rows) for rows in (np.arange(plan.rows), *plan.draws())])


def extrapolated(values: np.ndarray) -> np.ndarray:
    """An estimate without its bias of order 1/n, which half-samples double: 2 v - mean.

    Args:
      values: [1 + R, ...] of `subsampled`.

    Returns:
      [...]; NaN without replicates.

    Source: Politis, Romano & Wolf 1999, section 2.3; Quenouille 1956 for the jackknife of the
    same order.
    """
    values = np.asarray(values)
    if len(values) < 2:
        return np.full(values.shape[1:], np.nan)
    return 2 * values[0] - values[1:].mean(axis=0)
