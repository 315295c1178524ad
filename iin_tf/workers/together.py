"""What the workers of one training agree on while they train."""

import contextlib
from collections.abc import Iterator

import tensorflow as tf

from iin_tf.workers.supervisor import WorkerLost

# What the others' operations end with when a worker is gone.
_LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
)


class Workers:
    """The processes that train under a tf.distribute strategy together; often only this one.

    All of them must call `any`, `same` and `wait` at the same points of the training.

    Args:
      strategy: that the model was made under.
    """

    def __init__(self, strategy: tf.distribute.Strategy):
        self._strategy = strategy
        self.count = 1
        self.is_chief = True
        if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
            resolver = strategy.cluster_resolver
            self.count = len(tf.nest.flatten(resolver.cluster_spec().as_dict()))
            self.is_chief = self.count < 2 or _is_first(resolver)

    def any(self, flag: bool) -> bool:
        """Whether the flag of some worker is true; `WorkerLost` where one is gone, as below."""
        return flag if self.count == 1 else self._sum(float(flag)) > 0

    def same(self, number: int) -> bool:
        """Whether all workers have the same number, below 2^40."""
        if self.count == 1:
            return True
        replicas = self._strategy.num_replicas_in_sync
        # The sum of squares of what differs from the mean.
        mean = self._sum(float(number)) / replicas
        return self._sum((number - mean) ** 2) == 0

    def wait(self) -> None:
        """Until every worker has come here."""
        if self.count > 1:
            self._sum(0.0)

    @contextlib.contextmanager
    def telling_loss(self) -> Iterator[None]:
        """Raises `WorkerLost` where the work in the block ends because another worker is gone."""
        try:
            yield
        except _LOST as error:
            if self.count == 1:
                raise
            raise WorkerLost(
                f"another of {self.count} workers is gone ({type(error).__name__}); give all of "
                "them the same command again: training goes on from the newest checkpoint"
            ) from error

    def _sum(self, value):
        """The sum of a number over all replicas of all workers."""
        with self.telling_loss():
            per_replica = self._strategy.run(_all_reduced, (tf.constant(value, tf.float64),))
            return float(self._strategy.experimental_local_results(per_replica)[0])


def _is_first(resolver):
    has_chief = "chief" in resolver.cluster_spec().jobs
    return resolver.task_type == "chief" or (not has_chief and resolver.task_id == 0)


@tf.function
def _all_reduced(value):
    # An argument has no device, which TensorFlow reduces to.
    value = tf.identity(value)
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, value)
