"""Private names of Keras."""

from typing import Any

import keras
import tensorflow as tf


class BuiltBeforeFit:
    """A `keras.Model` that is complete before `fit`, which Keras then need not build.

    Keras 3.15 would compute the first batch symbolically: it averages the replicas' parts,
    which fails for the bool form of `shared`, and adds them up where they differ in length.
    Public way: `build` before `fit` does not keep Keras from it.
    Tests: tests/distributed/test_mirrored.py and test_autoencoder_replicas.py.
    """

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        """Nothing."""


def loss_tracker(model: keras.Model) -> keras.metrics.Metric:
    """The mean that Keras reports as "loss" and resets between epochs.

    Public way: a metric of our own named "loss" stands beside Keras's in `model.metrics`, and
    `fit` takes the wrong one of the two for its logs.
    Tests: tests/models/test_interpretation_network_training.py compares reported losses.
    """
    return model._loss_tracker


def adam_moments(
    optimizer: keras.optimizers.Adam, variable: keras.Variable
) -> tuple[keras.Variable, keras.Variable]:
    """The first and second moment that Adam keeps of `variable`.

    Public way: `optimizer.variables` holds them in an order that changed between releases.
    Tests: tests/optimizers/test_fused_adam.py compares every update with Keras's own.
    """
    index = optimizer._get_variable_index(variable)
    return optimizer._momentums[index], optimizer._velocities[index]


class ClippedByBatch(keras.optimizers.Optimizer):
    """A Keras optimizer that clips the gradient of the whole batch, over all replicas.

    Keras clips each replica's gradient and sums what is left, which is no clipping of the
    batch's gradient.  The sum comes first here.
    Public way: summing before `apply` makes Keras sum once more.
    Tests: tests/distributed/test_mirrored.py compares clipped training with one device.
    """

    def _clip_gradients(self, grads):
        context = tf.distribute.get_replica_context()
        return super()._clip_gradients(context.all_reduce(tf.distribute.ReduceOp.SUM, grads))

    def _all_reduce_sum_gradients(self, grads_and_vars):
        return grads_and_vars


def begin_at_epoch(model: keras.Model, epoch: int | None) -> None:
    """Makes the `fit` that has just begun start with this epoch; None: with the one it was given.

    Public way: `fit(initial_epoch=...)`, which a callback cannot give, so that every user of
    checkpoints would have to.
    Tests: tests/training/test_checkpoints.py compares continued trainings with undisturbed ones.
    """
    model._initial_epoch = epoch


def producer(tensor: keras.KerasTensor) -> Any:
    """The call that made a symbolic tensor.

    It has `operation`, `arguments`, `input_tensors` and `outputs`.
    Public way: `layer.output` knows a layer's first call only, which may belong to another model;
    `keras.Model` between two tensors leaves new calls on the user's layers, and `clone_model`
    calls all of them again.
    Tests: tests/first_stages/test_cut.py compares cut models with whole ones.
    """
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def keras_mask(tensor: Any) -> Any:
    """The mask of padding that Keras hangs on a tensor; None where there is none.

    Public way: none; `layer.compute_mask` needs the masks of all layers before.
    Tests: tests/first_stages/test_cut.py cuts behind an embedding with mask_zero.
    """
    return getattr(tensor, "_keras_mask", None)


def set_keras_mask(tensor: Any, mask: Any) -> None:
    """Hangs it there; way and test as above."""
    tensor._keras_mask = mask
