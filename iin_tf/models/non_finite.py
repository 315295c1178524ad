"""Where a training step first left the finite numbers."""

import keras
import tensorflow as tf


class NonFiniteCounts(keras.metrics.Metric):
    """Counts, for each statistic, how many values of a training step were not finite.

    Args:
      statistics: what is counted, in the order in which a step computes it.
    """

    def __init__(self, statistics, name="non_finite"):
        super().__init__(name=name, dtype="int32")
        self.statistics = list(statistics)
        self.counts = self.add_variable(
            shape=(len(self.statistics),), initializer="zeros", dtype="int32", name="counts"
        )

    def update_state(self, *values):
        """Adds the non-finite entries of tensors [k, ...], each of k statistics in order."""
        self.counts.assign_add(tf.concat([_non_finite(value) for value in values], 0))

    def result(self):
        return self.counts.value

    def first(self):
        """The first statistic that was not finite since the last `fit` began, or None."""
        for statistic, count in zip(self.statistics, self.counts.numpy(), strict=True):
            if count:
                return statistic
        return None


def _non_finite(values):
    """How many entries of each row of `values` [k, ...] are not finite: int32 [k]."""
    rows = tf.reshape(values, [values.shape[0], -1])
    return tf.math.count_nonzero(~tf.math.is_finite(rows), axis=1, dtype=tf.int32)
