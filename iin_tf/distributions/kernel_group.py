"""One block of a batch whose examples correlate the more, the nearer their labels are."""

import math

import tensorflow as tf


def kernel_correlation(points: tf.Tensor, rho: tf.Tensor) -> tf.Tensor:
    """Covariance of a batch in one dimension: `rho exp(-|p_i - p_j|^2 / 2)`, and 1 for i = j.

    That is `rho k + (1 - rho) I`, positive definite for rho < 1 also where labels coincide.

    Args:
      points: float [B, C], labels as a kernel embeds them; a row with NaN is unknown, and
        correlates with no other.
      rho: float scalar in [0, 1).

    Returns:
      float64 [B, B].
    """
    points = tf.cast(points, tf.float64)
    known = tf.reduce_all(tf.math.is_finite(points), -1)
    # Before any arithmetic: a gradient of NaN stays NaN though it is masked afterwards.
    points = tf.where(known[:, None], points, 0)
    # Differences, since |a|^2 + |b|^2 - 2 a.b rounds small distances away.
    squared = tf.reduce_sum(tf.math.squared_difference(points[:, None], points), -1)
    shared = tf.cast(rho, tf.float64) * tf.exp(-0.5 * squared)
    shared = tf.where(known[:, None] & known, shared, 0)
    return tf.linalg.set_diag(shared, tf.ones(tf.shape(shared)[:1], tf.float64))


def kernel_log_prob(part: tf.Tensor, points: tf.Tensor, rho: tf.Tensor) -> tf.Tensor:
    """The log-density of each example's block given those before it in the batch: [..., B], nats.

    They sum to the joint log-density.  One decomposition serves all dimensions; it is of float64,
    because at rho near 1 the covariance is nearly singular.

    Args:
      part: float [..., B, N_k], the factor's block.
      points: float [B, C], as in `kernel_correlation`.
      rho: float scalar.
    """
    root = tf.linalg.cholesky(kernel_correlation(points, rho))
    free = tf.linalg.triangular_solve(root, tf.cast(part, tf.float64))
    size = tf.cast(part.shape[-1], tf.float64)
    log_scale = tf.math.log(tf.linalg.diag_part(root)) + 0.5 * math.log(2 * math.pi)
    log_prob = -0.5 * tf.reduce_sum(tf.square(free), -1) - size * log_scale
    return tf.cast(log_prob, part.dtype)


def kernel_sample(noise: tf.Tensor, points: tf.Tensor, rho: tf.Tensor) -> tf.Tensor:
    """Standard normal `noise` [..., B, N_k], correlated as in `kernel_correlation`."""
    root = tf.linalg.cholesky(kernel_correlation(points, rho))
    return tf.cast(tf.linalg.matmul(root, tf.cast(noise, tf.float64)), noise.dtype)
