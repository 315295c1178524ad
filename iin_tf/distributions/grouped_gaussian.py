"""The joint of a whole batch of factorised representations, by its labels."""

import math
from collections.abc import Sequence

import tensorflow as tf
import tensorflow_probability as tfp
from tensorflow_probability import distributions as tfd

from iin_tf.checks import InputError
from iin_tf.distributions import blocks
from iin_tf.distributions.block_gaussian import BlockGaussian, standard_normal_log_prob
from iin_tf.distributions.kernel_group import kernel_log_prob, kernel_sample

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

    The examples of a continuous factor correlate by `rho k(y_i, y_j)`, which takes one
    Cholesky decomposition [B, B] for the factor; see `kernel_correlation`.

    Event shape [B, N], batch shape [].

    Args:
      labels: int [B, K], the value of each factor for each example, negative where it is unknown;
        or a sequence of K tensors, int [B], or float [B, C] for a continuous factor: labels as
        its kernel embeds them, `k = exp(-distance^2 / 2)`, NaN where unknown.
      correlation: float [K+1], one rho in [0, 1) per block, residual first (not used there).
      block_sizes: sizes N_0 .. N_K of the blocks.

    Source: probabilistic linear discriminant analysis, Ioffe, "Probabilistic Linear Discriminant
    Analysis" (ECCV 2006), equations 2 to 4, in the coordinates in which all covariances are
    diagonal; for groups of two Esser et al. (2020), equations 2 and 3.
    """

    def __init__(
        self,
        labels: tf.Tensor | Sequence[tf.Tensor],
        correlation: tf.Tensor,
        block_sizes: Sequence[int],
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "GroupedGaussian",
    ):
        parameters = dict(locals())
        with tf.name_scope(name) as name:
            self._block_sizes = blocks.check_block_sizes(block_sizes)
            self._correlation = tf.convert_to_tensor(correlation)
            self._labels = _columns(labels, len(self._block_sizes) - 1)
            self._check_correlation()
            super().__init__(
                dtype=self._correlation.dtype,
                reparameterization_type=tfd.FULLY_REPARAMETERIZED,
                validate_args=validate_args,
                allow_nan_stats=allow_nan_stats,
                parameters=parameters,
                name=name,
            )

    def _check_correlation(self) -> None:
        count = len(self._block_sizes)
        if tuple(self._correlation.shape) != (count,):
            raise InputError(
                f"correlation has shape {tuple(self._correlation.shape)}; give one number for "
                f"each of the {count} blocks"
            )

    @classmethod
    def _parameter_properties(cls, dtype, num_classes=None):
        # One joint of all examples: the batch shape is [].
        return {}

    @property
    def labels(self) -> tuple[tf.Tensor, ...]:
        """The labels of each of the K factors: int [B], or float [B, C] of a continuous one."""
        return self._labels

    @property
    def correlation(self) -> tf.Tensor:
        """Rho per block, [K+1]."""
        return self._correlation

    def example_log_prob(self, value: tf.Tensor) -> tf.Tensor:
        """Each example's share of the log-density of the batch `value` [B, N]: [B], nats.

        A group's log-density is divided evenly in its normaliser and by its members in the
        rest; of a continuous factor each has its density given the examples before it.  The
        shares sum to `log_prob`.
        """
        residual, *parts = tf.split(value, self._block_sizes, axis=-1)
        terms = [tf.reduce_sum(standard_normal_log_prob(residual), -1)]
        for part, labels, rho in zip(
            parts, self._labels, tf.unstack(self._correlation)[1:], strict=True
        ):
            log_prob = _group_log_prob if labels.dtype.is_integer else kernel_log_prob
            terms.append(log_prob(part, labels, rho))
        return tf.add_n(terms)

    def _log_prob(self, value):
        return tf.reduce_sum(self.example_log_prob(value), -1)

    def _sample_n(self, n, seed=None):
        seeds = tfp.random.split_seed(seed, n=len(self._block_sizes) + 1, salt="GroupedGaussian")
        rows = self._rows()
        noise = tf.random.stateless_normal(
            tf.stack([n, rows, self._size()]), seeds[0], dtype=self.dtype
        )
        residual, *parts = tf.split(noise, self._block_sizes, axis=-1)
        drawn = [residual]
        for factor, part in enumerate(parts):
            labels, rho = self._labels[factor], self._correlation[factor + 1]
            if labels.dtype.is_floating:
                drawn.append(kernel_sample(part, labels, rho))
                continue
            # One mean for each example; all of a group take that of its first member.
            means = tf.random.stateless_normal(tf.shape(part), seeds[factor + 1], dtype=self.dtype)
            first = tf.argmax(tf.cast(_same_label(labels), tf.int32), axis=-1)
            shared = tf.gather(means, first, axis=-2)
            drawn.append(tf.sqrt(rho) * shared + tf.sqrt(1 - rho) * part)
        return tf.concat(drawn, axis=-1)

    def _rows(self) -> tf.Tensor:
        return tf.shape(self._labels[0])[0]

    def _event_shape(self):
        return tf.TensorShape([self._labels[0].shape[0], self._size()])

    def _event_shape_tensor(self):
        return tf.stack([self._rows(), self._size()])


def _columns(labels: object, factors: int) -> tuple[tf.Tensor, ...]:
    """The labels of each factor, checked: int [B], or float [B, C]."""
    if isinstance(labels, list | tuple) and all(hasattr(one, "shape") for one in labels):
        columns = tuple(map(tf.convert_to_tensor, labels))
        if len(columns) == factors and all(map(_is_column, columns)):
            return columns
        found = ", ".join(f"{one.dtype.name} {one.shape}" for one in columns)
        raise InputError(
            f"labels holds {found}; give {factors} tensors, int [B], or float [B, C] of a "
            "continuous factor"
        )
    table = tf.convert_to_tensor(labels)
    if not table.dtype.is_integer or table.shape.rank != 2 or table.shape[1] != factors:
        raise InputError(
            f"labels has shape {tuple(table.shape)} and dtype {table.dtype.name}; give whole "
            f"numbers [B, {factors}], one column for each factor, {UNKNOWN} where unknown"
        )
    return tuple(tf.unstack(table, axis=1))


def _is_column(labels: tf.Tensor) -> bool:
    rank = labels.shape.rank
    return rank == 1 if labels.dtype.is_integer else rank == 2 and labels.dtype.is_floating


def _same_label(labels: tf.Tensor) -> tf.Tensor:
    """Which examples share a label [B], bool [B, B]; each one with itself."""
    known = labels >= 0
    equal = (labels[:, None] == labels) & known[:, None] & known
    return equal | tf.eye(tf.shape(labels)[0], dtype=tf.bool)


def _group_log_prob(part: tf.Tensor, labels: tf.Tensor, rho: tf.Tensor) -> tf.Tensor:
    """Each example's share of one factor's log-density: [..., B].

    Args:
      part: float [..., B, N_k], the factor's block.
      labels: int [B], negative where unknown.
      rho: float scalar.
    """
    size = tf.cast(part.shape[-1], part.dtype)
    same = tf.cast(_same_label(labels), part.dtype)
    members = tf.reduce_sum(same, -1)
    spread = 1 + (members - 1) * rho  # eigenvalue of the group's mean
    mean = tf.linalg.matmul(same, part) / members[:, None]
    # Sums of squares, not a difference of two large ones, which float32 would round away.
    within = tf.reduce_sum(tf.square(part - mean), -1) / (1 - rho)
    between = tf.reduce_sum(tf.square(mean), -1) / spread
    log_det = (1 - 1 / members) * tf.math.log1p(-rho) + tf.math.log(spread) / members
    return -0.5 * (within + between + size * (math.log(2 * math.pi) + log_det))
