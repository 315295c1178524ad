"""The joint of two factorised representations that share some of their blocks."""

import math
from collections.abc import Sequence
from typing import Any

import tensorflow as tf
import tensorflow_probability as tfp
from tensorflow_probability import distributions as tfd

from iin_tf.checks import InputError
from iin_tf.distributions import blocks
from iin_tf.distributions.block_gaussian import BlockGaussian
from iin_tf.private_apis.tfp import convert_nonref_to_tensor


class PairedGaussian(BlockGaussian):
    """Two standard normal vectors whose blocks correlate: the rows a and b of one event.

    Dimension d of block k has `(a_d, b_d) ~ N(0, [[1, rho_k], [rho_k, 1]])`, independent
    of every other dimension.  So `b | a ~ N(rho a, (1 - rho^2) I)` in a shared block,
    blocks with rho 0 are independent, and both marginals are standard normal:

      log p(a, b) = -sum_d [ log 2 pi + log(1 - rho_d^2) / 2
                             + (a_d^2 - 2 rho_d a_d b_d + b_d^2) / (2 (1 - rho_d^2)) ]

    Event shape [2, N], batch shape that of `correlation` without its last axis.

    Args:
      correlation: float tensor [..., K+1], one rho in [0, 1) per block, residual first.
      block_sizes: sizes N_0 .. N_K of the blocks.
      validate_args: whether log_prob and sample check that rho is in [0, 1).

    Source: Esser et al. (2020), equations 2 and 3; a block of the published method has
    rho = sigma_ab where it is shared and 0 elsewhere.
    """

    def __init__(
        self,
        correlation: Any,
        block_sizes: Sequence[int],
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "PairedGaussian",
    ):
        parameters = dict(locals())
        with tf.name_scope(name) as name:
            self._block_sizes = blocks.check_block_sizes(block_sizes)
            # A variable or a deferred tensor stays what it is, and is read at every call.
            self._correlation = convert_nonref_to_tensor(
                correlation, dtype=getattr(correlation, "dtype", tf.float32)
            )
            if not self._correlation.dtype.is_floating:
                raise InputError(
                    f"correlation has dtype {self._correlation.dtype.name}; give float numbers"
                )
            if self._correlation.shape[-1:] != [len(self._block_sizes)]:
                raise InputError(
                    f"correlation has shape {tuple(self._correlation.shape)}; its last axis must "
                    f"hold one number for each of the {len(self._block_sizes)} blocks"
                )
            super().__init__(
                dtype=self._correlation.dtype,
                reparameterization_type=tfd.FULLY_REPARAMETERIZED,
                validate_args=validate_args,
                allow_nan_stats=allow_nan_stats,
                parameters=parameters,
                name=name,
            )

    @classmethod
    def _parameter_properties(cls, dtype, num_classes=None):
        return {"correlation": tfp.util.ParameterProperties(event_ndims=1)}

    @property
    def correlation(self) -> tf.Tensor:
        """Rho per block, [..., K+1]."""
        return self._correlation

    def conditional(self, a: tf.Tensor) -> tfd.MultivariateNormalDiag:
        """The distribution of member b given member a: `N(rho a, (1 - rho^2) I)`.

        Args:
          a: float tensor [..., N], whose batch shape broadcasts with this one's.

        Returns:
          A distribution of event [N].

        Raises:
          InputError: the last axis of `a` is not N.
        """
        blocks.check_event(a, [self._size()])
        rho = self._rho()
        return tfd.MultivariateNormalDiag(rho * a, tf.sqrt((1 - rho) * (1 + rho)))

    def _log_prob(self, value):
        blocks.check_event(value, [2, self._size()])
        a, b = tf.unstack(value, num=2, axis=-2)
        rho = self._rho()
        # Sum and difference of the members are independent, with variances 1 + rho and
        # 1 - rho: the same density, symmetric in a and b to the last bit.
        quadratic = tf.square(a + b) / (1 + rho) + tf.square(a - b) / (1 - rho)
        # As exact as log1p, whose absolute error the last sum rounds away, and ONNX has it.
        log_normaliser = 0.5 * tf.math.log((1 - rho) * (1 + rho)) + math.log(2 * math.pi)
        return -tf.reduce_sum(0.25 * quadratic + log_normaliser, -1)

    def _sample_n(self, n, seed=None):
        seed_a, seed_b = tfp.random.split_seed(seed, salt="PairedGaussian")
        rho = self._rho()
        shape = tf.concat([[n], tf.shape(rho)], 0)
        a = tf.random.stateless_normal(shape, seed_a, dtype=self.dtype)
        noise = tf.random.stateless_normal(shape, seed_b, dtype=self.dtype)
        return tf.stack([a, rho * a + tf.sqrt(1 - tf.square(rho)) * noise], axis=-2)

    def _covariance(self):
        """Covariance [..., 2N, 2N] of the event as one vector, a's dimensions first."""
        rho = tf.linalg.diag(self._rho())
        eye = tf.zeros_like(rho) + tf.eye(self._size(), dtype=self.dtype)
        return tf.concat([tf.concat([eye, rho], -1), tf.concat([rho, eye], -1)], -2)

    def _entropy(self):
        rho = self._rho()
        log_det = tf.math.log1p(rho) + tf.math.log1p(-rho)
        return tf.reduce_sum(0.5 * log_det + 1 + math.log(2 * math.pi), -1)

    def _event_shape(self):
        return tf.TensorShape([2, self._size()])

    def _event_shape_tensor(self):
        return tf.constant([2, self._size()])

    def _parameter_control_dependencies(self, is_init):
        if is_init or not self.validate_args:
            return []
        message = "correlation must lie in [0, 1)"
        return [
            tf.debugging.assert_non_negative(self._correlation, message=message),
            tf.debugging.assert_less(self._correlation, tf.ones([], self.dtype), message=message),
        ]

    def _rho(self):
        return blocks.per_dimension(self._correlation, self._block_sizes)


@tfd.RegisterKL(PairedGaussian, PairedGaussian)
def _kl(p, q, name=None):
    """KL(p || q), nats, of the batch shapes' broadcast.

    Sum and difference of the members are independent, with variances 2 (1 + rho) and
    2 (1 - rho); the KL of two normals with the variances v and w is
    `(v / w - 1 - log(v / w)) / 2`.
    """
    if p.event_shape != q.event_shape:
        raise InputError(
            f"the events have shapes {p.event_shape} and {q.event_shape}; give equal ones"
        )
    with tf.name_scope(name or "kl_paired_gaussian"):
        log_ratios = [
            tf.math.log1p(sign * p._rho()) - tf.math.log1p(sign * q._rho()) for sign in (1, -1)
        ]
        terms = [0.5 * (tf.math.expm1(log_ratio) - log_ratio) for log_ratio in log_ratios]
        return tf.reduce_sum(tf.add_n(terms), -1)
