"""Where training first left the finite numbers, and what is said then."""

from collections.abc import Iterable
from typing import Any

import keras
import tensorflow as tf


class NonFiniteLoss(Exception):
    """A training step's loss was not finite."""


class NonFiniteCounts(keras.metrics.Metric):
    """Counts, for each statistic, how many values of the first bad training step were not finite.

    Later steps are not counted: once a weight is NaN, everything is.

    Args:
      statistics: what is counted, in the order in which a step computes it.
    """

    def __init__(self, statistics: Iterable[str], name: str = "non_finite"):
        super().__init__(name=name, dtype="int32")
        self.statistics = list(statistics)
        # The last entry counts the steps from the first bad one on.
        self.counts = self.add_variable(
            shape=(len(self.statistics) + 1,), initializer="zeros", dtype="int32", name="counts"
        )

    def update_state(self, *values: tf.Tensor) -> None:
        """Adds the non-finite entries of tensors [k, ...], each of k statistics in order."""
        found = tf.concat([_non_finite(value) for value in values], 0)
        before = self.counts.value
        known = before[-1] > 0
        now = tf.where(known, tf.zeros_like(found), found)
        bad = tf.cast(known | tf.reduce_any(found > 0), tf.int32)
        self.counts.assign_add(tf.concat([now, bad[None]], 0))

    def result(self) -> tf.Tensor:
        return self.counts.value

    def first(self) -> str | None:
        """The first statistic that was not finite since the last `fit` began, or None."""
        for statistic, count in zip(self.statistics, self.counts.numpy()[:-1], strict=True):
            if count:
                return statistic
        return None

    def bad_steps(self, replicas: int = 1) -> int:
        """How many steps have ended since then, the first bad one included."""
        # On the first bad step some of the replicas may have seen none of it.
        return -(-int(self.counts.numpy()[-1]) // replicas)


def where_it_began(network: Any) -> str:
    """At which step of this `fit` which statistic was first not finite, in words.

    Args:
      network: InterpretationNetwork.
    """
    replicas = network.distribute_strategy.num_replicas_in_sync
    step = int(network.optimizer.iterations.numpy()) - network.non_finite.bad_steps(replicas) + 1
    statistic = network.non_finite.first()
    if statistic is None:
        return "the log-density of finite values is not finite"
    return f"at step {step} {statistic} was not finite"


def _non_finite(values):
    """How many entries of each row of `values` [k, ...] are not finite: int32 [k]."""
    rows = tf.reshape(values, [values.shape[0], -1])
    return tf.math.count_nonzero(~tf.math.is_finite(rows), axis=1, dtype=tf.int32)
