"""What this package uses of other packages that they do not promise to keep.

All of it stands here, and nothing outside of this module reads another package's private
names.  Each piece says which public way was tried, and which test fails when the private one
changes.  Written against TensorFlow Probability 0.25 and Keras 3.15.
"""

from typing import Any

import keras
import tensorflow as tf
from tensorflow_probability.python.internal import cache_util, tensor_util

# TFP's memory of what a bijector computed: BijectorCache, which is bound to a bijector when it
# is read as an attribute, and EphemeralDict, where it keeps what it remembers.
# Public way: none.  `tfd.TransformedDistribution.log_prob` asks for a value and for its log-det
# in two calls, and the stock cache runs the conditioner in both; two calls of a plain bijector
# doubled the time of a step.
# Tests: tests/bijectors/test_passes.py counts the passes of the conditioner.
BijectorCache = cache_util.BijectorCache
EphemeralDict = cache_util.EphemeralDict

# A tensor of what is given, but a variable or a deferred tensor stays what it is.
# Public way: `tf.convert_to_tensor` freezes the value of a learned correlation.
# Tests: tests/models/test_network_distributions.py follows a learned correlation.
convert_nonref_to_tensor = tensor_util.convert_nonref_to_tensor


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
