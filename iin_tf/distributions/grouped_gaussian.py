"""The joint of a whole batch of factorised representations, by its labels."""

import math
from collections.abc import Sequence

import tensorflow as tf
import tensorflow_probability as tfp
from tensorflow_probability import distributions as tfd

from iin_tf.checks import InputError
from iin_tf.distributions import blocks
from iin_tf.distributions.block_gaussian import BlockGaussian, standard_normal_log_prob

# A label that is not known: the example shares this factor with no other.
UNKNOWN = -1


class GroupedGaussian(BlockGaussian):
    """B standard normal vectors whose blocks share a mean with those of an equal label.

    For every value c of factor k there is a latent mean `m_kc ~ N(0, rho_k I)`, and the block
    of an example with that label is `z_k | c ~ N(m_kc, (1 - rho_k) I)`.  The means integrated
    out, m members of one group have, in every dimension, covariance
    `(1 - rho) I + rho 1 1^T`, with the eigenvalue `1 + (m - 1) rho` once and `1 - rho` otherwise:

      log p = -1/2 sum [ m log 2 pi + (m - 1) log(1 - rho) + log(1 + (m - 1) rho)
                         + sum_i (z_i - mean)^2 / (1 - rho) + m mean^2 / (1 + (m - 1) rho) ]

    over groups and dimensions, with the mean of the group's own members.  The residual, and
    blocks of unknown labels, are standard normal; groups of two are the pairs of
    `PairedGaussian`.  All marginals are standard normal.

    Event shape [B, N], batch shape [].

    Args:
      labels: int [B, K], the value of each factor for each example, negative where it is unknown.
      correlation: float [K+1], one rho in [0, 1) per block, residual first (not used there).
      block_sizes: sizes N_0 .. N_K of the blocks.

    Source: probabilistic linear discriminant analysis, Ioffe, "Probabilistic Linear Discriminant
    Analysis" (ECCV 2006), equations 2 to 4, in the coordinates in which all covariances are
    diagonal; for groups of two Esser et al. (2020), equations 2 and 3.
    """

    def __init__(
        self,
        labels: tf.Tensor,
        correlation: tf.Tensor,
        block_sizes: Sequence[int],
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "GroupedGaussian",
    ):
        parameters = dict(locals())
        with tf.name_scope(name) as name:
            self._block_sizes = blocks.check_block_sizes(block_sizes)
            self._labels = tf.convert_to_tensor(labels)
            self._correlation = tf.convert_to_tensor(correlation)
            self._check_shapes()
            super().__init__(
                dtype=self._correlation.dtype,
                reparameterization_type=tfd.FULLY_REPARAMETERIZED,
                validate_args=validate_args,
                allow_nan_stats=allow_nan_stats,
                parameters=parameters,
                name=name,
            )

    def _check_shapes(self) -> None:
        factors = len(self._block_sizes) - 1
        shape = self._labels.shape
        if not self._labels.dtype.is_integer or shape.rank != 2 or shape[1] != factors:
            raise InputError(
                f"labels has shape {tuple(shape)} and dtype {self._labels.dtype.name}; give whole "
                f"numbers [B, {factors}], one column for each factor, {UNKNOWN} where unknown"
            )
        if tuple(self._correlation.shape) != (factors + 1,):
            raise InputError(
                f"correlation has shape {tuple(self._correlation.shape)}; give one number for "
                f"each of the {factors + 1} blocks"
            )

    @classmethod
    def _parameter_properties(cls, dtype, num_classes=None):
        # One joint of all examples: the batch shape is [].
        return {}

    @property
    def labels(self) -> tf.Tensor:
        """The labels, int [B, K]."""
        return self._labels

    @property
    def correlation(self) -> tf.Tensor:
        """Rho per block, [K+1]."""
        return self._correlation

    def example_log_prob(self, value: tf.Tensor) -> tf.Tensor:
        """Each example's share of the log-density of the batch `value` [B, N]: [B], nats.

        A group's log-density is divided evenly in its normaliser and by its members in the
        rest; the shares sum to `log_prob`.
        """
        residual, *parts = tf.split(value, self._block_sizes, axis=-1)
        terms = [tf.reduce_sum(standard_normal_log_prob(residual), -1)]
        for factor, part in enumerate(parts):
            same = self._same_label(factor)
            terms.append(_group_log_prob(part, same, self._correlation[factor + 1]))
        return tf.add_n(terms)

    def _log_prob(self, value):
        return tf.reduce_sum(self.example_log_prob(value), -1)

    def _sample_n(self, n, seed=None):
        seeds = tfp.random.split_seed(seed, n=len(self._block_sizes) + 1, salt="GroupedGaussian")
        rows = tf.shape(self._labels)[0]
        noise = tf.random.stateless_normal(
            tf.stack([n, rows, self._size()]), seeds[0], dtype=self.dtype
        )
        residual, *parts = tf.split(noise, self._block_sizes, axis=-1)
        drawn = [residual]
        for factor, part in enumerate(parts):
            rho = self._correlation[factor + 1]
            # One mean for each example; all of a group take that of its first member.
            means = tf.random.stateless_normal(tf.shape(part), seeds[factor + 1], dtype=self.dtype)
            first = tf.argmax(tf.cast(self._same_label(factor), tf.int32), axis=-1)
            shared = tf.gather(means, first, axis=-2)
            drawn.append(tf.sqrt(rho) * shared + tf.sqrt(1 - rho) * part)
        return tf.concat(drawn, axis=-1)

    def _same_label(self, factor: int) -> tf.Tensor:
        """Which examples share the label of a factor, bool [B, B]; each one with itself."""
        labels = self._labels[:, factor]
        known = labels >= 0
        equal = (labels[:, None] == labels) & known[:, None] & known
        return equal | tf.eye(tf.shape(labels)[0], dtype=tf.bool)

    def _event_shape(self):
        return tf.TensorShape([self._labels.shape[0], self._size()])

    def _event_shape_tensor(self):
        return tf.stack([tf.shape(self._labels)[0], self._size()])


def _group_log_prob(part: tf.Tensor, same: tf.Tensor, rho: tf.Tensor) -> tf.Tensor:
    """Each example's share of one factor's log-density: [..., B].

    Args:
      part: float [..., B, N_k], the factor's block.
      same: bool [B, B], which examples are of one group.
      rho: float scalar.
    """
    size = tf.cast(part.shape[-1], part.dtype)
    same = tf.cast(same, part.dtype)
    members = tf.reduce_sum(same, -1)
    spread = 1 + (members - 1) * rho  # eigenvalue of the group's mean
    mean = tf.linalg.matmul(same, part) / members[:, None]
    # Sums of squares, not a difference of two large ones, which float32 would round away.
    within = tf.reduce_sum(tf.square(part - mean), -1) / (1 - rho)
    between = tf.reduce_sum(tf.square(mean), -1) / spread
    log_det = (1 - 1 / members) * tf.math.log1p(-rho) + tf.math.log(spread) / members
    return -0.5 * (within + between + size * (math.log(2 * math.pi) + log_det))
