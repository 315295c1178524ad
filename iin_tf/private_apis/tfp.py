"""Private names of TensorFlow Probability."""

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
