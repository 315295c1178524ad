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
        """Adds the non-finite entries of one tensor [...] per statistic."""
        counts = [tf.math.count_nonzero(~tf.math.is_finite(v), dtype=tf.int32) for v in values]
        self.counts.assign_add(tf.stack(counts))

    def result(self):
        return self.counts.value

    def first(self):
        """The first statistic that was not finite since the last reset, or None."""
        for statistic, count in zip(self.statistics, self.counts.numpy(), strict=True):
            if count:
                return statistic
        return None
