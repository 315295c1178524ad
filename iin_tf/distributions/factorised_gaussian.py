"""The marginal of the factorised representation: every block standard normal."""

import math
from collections.abc import Sequence

import tensorflow as tf
import tensorflow_probability as tfp
from tensorflow_probability import distributions as tfd

from iin_tf.checks import InputError
from iin_tf.distributions import blocks
from iin_tf.distributions.block_gaussian import BlockGaussian, standard_normal_log_prob


class FactorisedGaussian(BlockGaussian):
    """Independent standard normal blocks: `p(z) = prod_k N(z_k | 0, I)`.

    Event shape [N], batch shape [].

    Args:
      block_sizes: sizes N_0 .. N_K of the blocks, residual first.
      dtype: float dtype of the samples.

    Source: Esser et al. (2020), equation 1.
    """

    def __init__(
        self,
        block_sizes: Sequence[int],
        dtype: tf.DType = tf.float32,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "FactorisedGaussian",
    ):
        parameters = dict(locals())
        self._block_sizes = blocks.check_block_sizes(block_sizes)
        super().__init__(
            dtype=tf.as_dtype(dtype),
            reparameterization_type=tfd.FULLY_REPARAMETERIZED,
            validate_args=validate_args,
            allow_nan_stats=allow_nan_stats,
            parameters=parameters,
            name=name,
        )

    @classmethod
    def _parameter_properties(cls, dtype, num_classes=None):
        return {}

    def __getitem__(self, slices):
        """The distribution with as many batch dimensions of 1 as `slices` has `tf.newaxis`.

        Raises:
          InputError: there is anything else in `slices`: the batch shape is [].
        """
        slices = slices if isinstance(slices, tuple) else (slices,)
        axes = [entry for entry in slices if entry is not Ellipsis]
        if any(entry is not tf.newaxis for entry in axes):
            raise InputError(f"slices is {slices}; the batch shape is [], give tf.newaxis alone")
        return tfd.BatchBroadcast(self, [1] * len(axes)) if axes else self

    def block_log_prob(self, value: tf.Tensor) -> tf.Tensor:
        """Log-density in nats of each block of `value` [..., N]: [..., K+1]."""
        blocks.check_event(value, [self._size()])
        return blocks.per_block_sum(standard_normal_log_prob(value), self._block_sizes)

    def _log_prob(self, value):
        blocks.check_event(value, [self._size()])
        return tf.reduce_sum(standard_normal_log_prob(value), -1)

    def _sample_n(self, n, seed=None):
        seed = tfp.random.sanitize_seed(seed, salt="FactorisedGaussian")
        return tf.random.stateless_normal([n, self._size()], seed, dtype=self.dtype)

    def _covariance(self):
        return tf.eye(self._size(), dtype=self.dtype)

    def _entropy(self):
        return tf.constant(0.5 * self._size() * (1 + math.log(2 * math.pi)), self.dtype)

    def _event_shape(self):
        return tf.TensorShape([self._size()])

    def _event_shape_tensor(self):
        return tf.constant([self._size()])


@tfd.RegisterKL(FactorisedGaussian, FactorisedGaussian)
def _kl(p, q, name=None):
    """Zero: the blocks' sizes do not change the density."""
    if p.event_shape != q.event_shape:
        raise InputError(
            f"the events have {p.event_shape} and {q.event_shape} dimensions; give equally many"
        )
    with tf.name_scope(name or "kl_factorised_gaussian"):
        return tf.zeros([], p.dtype)
