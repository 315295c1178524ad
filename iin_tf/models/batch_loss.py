"""The loss of a batch, a replica's part of it, and the step that it leads to."""

from typing import Any

import keras
import tensorflow as tf

from iin_tf.checks import InputError


def negative_mean(log_prob: tf.Tensor, sample_weight: Any) -> tf.Tensor:
    """Mean of `-log_prob` [B], each times its weight (None: all 1): scalar, nats; 0 of nothing.

    Raises:
      InputError: `sample_weight` is not [B].
    """
    if sample_weight is not None:
        if sample_weight.shape.rank != 1:
            raise InputError(
                f"sample_weight has shape {tuple(sample_weight.shape)}; give one weight a row, [B]"
            )
        log_prob *= tf.cast(sample_weight, log_prob.dtype)
    return -tf.math.divide_no_nan(tf.reduce_sum(log_prob), _examples(log_prob))


def share_of_batch(values: tf.Tensor) -> Any:
    """The share of this replica's examples, the rows of `values`, in the batch of all replicas.

    Keras sums the gradients of the replicas: weighted by their shares they give the
    gradient on one device, also when the replicas' parts are of different length.
    """
    context = tf.distribute.get_replica_context()
    if context.num_replicas_in_sync == 1:
        return 1.0
    examples = _examples(values)
    return examples / context.all_reduce(tf.distribute.ReduceOp.SUM, examples)


def descend(model: keras.Model, tape: tf.GradientTape, loss: tf.Tensor) -> None:
    """One step of the model's optimizer down the gradient of `loss`, which `tape` has recorded."""
    variables = model.trainable_variables
    gradients = tape.gradient(loss, [variable.value for variable in variables])
    model.optimizer.apply_gradients(zip(gradients, variables, strict=True))


def step_logs(logs: dict[str, Any]) -> dict[str, Any]:
    """The logs of a step as Keras can take them: over several workers numbers have an axis.

    Keras 3.15 averages there over the first axis, which a plain number lacks.
    """
    strategy = tf.distribute.get_strategy()
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return logs
    return tf.nest.map_structure(lambda value: tf.reshape(value, [1]), logs)


def place_in_batch(rows: tf.Tensor) -> tf.Tensor:
    """How many rows precede this replica's `rows` in the batch of all replicas, and all its rows.

    The replicas' parts may be of different length.
    """
    context = tf.distribute.get_replica_context()
    replicas, place = context.num_replicas_in_sync, context.replica_id_in_sync_group
    if replicas == 1:
        return 0, rows
    own = tf.one_hot(place, replicas) * tf.cast(rows, tf.float32)
    lengths = tf.cast(context.all_reduce(tf.distribute.ReduceOp.SUM, own), tf.int32)
    return tf.reduce_sum(lengths[:place]), tf.reduce_sum(lengths)


def of_all_replicas(values: tf.Tensor) -> tf.Tensor:
    """The rows `values` [B, ...] of every replica, in the order of the replicas; differentiable."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return values
    # What comes from outside of a graph has no device, which TensorFlow gathers to.
    return context.all_gather(tf.identity(values), axis=0)


def _examples(values):
    return tf.cast(tf.shape(values)[0], values.dtype)
