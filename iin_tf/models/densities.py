"""Densities of a network's representations, of one example and of pairs."""

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf
from tensorflow_probability import bijectors as tfb
from tensorflow_probability import distributions as tfd

from iin_tf import checks
from iin_tf.bijectors.chain import Chain
from iin_tf.bijectors.flow import Flow
from iin_tf.distributions import FactorisedGaussian, PairedGaussian
from iin_tf.distributions.shared import block_correlation
from iin_tf.factors import FactorLayout
from iin_tf.models.correlation import BlockCorrelation
from iin_tf.models.group_densities import GroupDensities, replica_log_prob
from iin_tf.models.representation import RepresentationDistribution
from iin_tf.seeds import seed_pair


class Densities(GroupDensities):
    """The likelihood behind a flow: standard normal blocks, correlated where pairs share them.

    A class that inherits this has `layout`, `variable_dtype`, a `flow`, a `block_correlation`,
    and the checks and the compiled inverse of `FactorEdits`.
    """

    layout: FactorLayout
    flow: Flow
    block_correlation: BlockCorrelation

    if TYPE_CHECKING:

        @property
        def variable_dtype(self) -> str: ...

        def _rows(self, z: Any, argument: str = "z") -> tf.Tensor: ...

        def _row_pairs(self, z: Any, donor: Any, arguments: tuple[str, str]) -> tuple: ...

        def _transform(self, z: tf.Tensor) -> tf.Tensor: ...

        def _invert(self, z_tilde: tf.Tensor) -> tf.Tensor: ...

    @property
    def bijector(self) -> tfb.Bijector:
        """T as a `tfb.Bijector` over the live weights, the same object at every call.

        Forward is z -> z_tilde.  (In a graph that is being traced it is a new object that
        equals it; see `Flow.bijector`.)
        """
        return self.flow.bijector

    @property
    def correlation(self) -> tf.Tensor:
        """Rho of each block when it is shared, float [K+1], residual first."""
        return self.block_correlation.rho()

    def log_prob(self, z: Any) -> tf.Tensor:
        """Marginal log-density of each row of `z` [B, N]: [B], nats."""
        return self._log_prob(self._rows(z))

    def pair_log_prob(self, z_a: Any, z_b: Any, shared: Any) -> tf.Tensor:
        """Joint log-density of each pair, symmetric in the two members.

        Args:
          z_a: float [B, N], the first members.
          z_b: float [B, N], the second members.
          shared: int [B], bool [B, K+1] or float [B, K+1]; see
            `iin_tf.distributions.shared.block_correlation`.

        Returns:
          float [B], nats.

        Raises:
          InputError: rows that are not N finite numbers, or `shared` that does not fit.
        """
        z_a, z_b = self._row_pairs(z_a, z_b, ("z_a", "z_b"))
        return self._pair_log_prob(z_a, z_b, self.pair_correlation(shared, z_a.shape[0]))

    def sample(self, n: int, seed: int | None = None) -> tf.Tensor:
        """`n` representations [n, N] from the model's marginal; equal seeds, equal samples.

        Raises:
          InputError: `n` is no whole number of at least 0, or `seed` none of 64 bits.
        """
        n = checks.whole(n, "n", least=0)
        seed = None if seed is None else seed_pair(seed)
        return self._invert(self._marginal().sample(n, seed=seed))

    def distribution(self) -> tfd.TransformedDistribution:
        """The marginal of z, event [N]."""
        return RepresentationDistribution(self._marginal(), tfb.Invert(self.bijector))

    def pair_distribution(self, shared: Any) -> tfd.TransformedDistribution:
        """The joint of a pair, event [2, N]; its batch is that of `shared`, [] for one row."""
        base = self._paired(self.block_correlation.deferred(self.correlation_of, shared))
        return RepresentationDistribution(base, tfb.Invert(self.bijector))

    def conditional_distribution(self, z_a: Any, shared: Any) -> tfd.TransformedDistribution:
        """The distribution of z_b given z_a and what the two share, event [N].

        `T(z_b) | T(z_a) ~ N(rho T(z_a), (1 - rho^2) I)` with the rho of each block.  It is
        computed from the weights as they are now.

        Args:
          z_a: float [B, N].
          shared: int [B], bool [B, K+1] or float [B, K+1], or one of them for all rows.

        Returns:
          A distribution of batch [B].

        Raises:
          InputError: rows that are not N finite numbers, or `shared` that does not fit.
        """
        z_a = self._rows(z_a, "z_a")
        correlation = self.correlation_of(shared)
        if correlation.shape.rank != 1:
            correlation = self.pair_correlation(shared, z_a.shape[0])
        base = self._paired(correlation).conditional(self._transform(z_a))
        return RepresentationDistribution(base, tfb.Invert(self.bijector))

    def correlation_of(self, shared: Any, argument: str = "shared") -> tf.Tensor:
        """Rho per pair and block, [..., K+1], from any form of `shared`."""
        return block_correlation(shared, self.correlation, argument)

    def pair_correlation(
        self, shared: Any, pairs: int | None, argument: str = "shared"
    ) -> tf.Tensor:
        """Rho per pair and block, [B, K+1], from `shared` of `pairs` = B pairs.

        Raises:
          InputError: as `correlation_of`, or `shared` does not have one entry for each pair.
        """
        shared = shared if tf.is_tensor(shared) else np.asarray(shared)
        rows = self.correlation_of(shared, argument)
        if rows.shape.rank != 2 or (None not in (pairs, rows.shape[0]) and rows.shape[0] != pairs):
            raise checks.InputError(
                f"{argument} has shape {tuple(shared.shape)}, but there are {pairs} pairs of "
                f"{rows.shape[-1]} blocks: give int [B], bool [B, {rows.shape[-1]}] or float "
                f"[B, {rows.shape[-1]}]"
            )
        return rows

    def terms(self, x: Any, y: Any, bijector: Chain) -> tuple[tf.Tensor, list]:
        """Log-density of each example, and the statistics that `NonFiniteCounts` counts.

        Args:
          x: z [B, N], or (z_a, z_b).
          y: beside z the labels int [B, K], or factor -> int [B] or float [B, C], or None;
            beside a pair what it shares, as in `pair_log_prob`.
          bijector: `Chain`, T as it is computed here.

        Returns:
          float [B], nats, and a list of tensors [k, ...], k statistics each.
        """
        if isinstance(x, tuple | list):
            z_a, z_b = x
            correlation = self.pair_correlation(y, z_a.shape[0])
            return self._pair_terms(z_a, z_b, correlation, bijector)
        z = tf.cast(x, self.variable_dtype)
        z_tilde, log_dets = bijector.forward_and_log_dets(z)
        log_prob = self._example_log_prob(z_tilde, y) + tf.reduce_sum(log_dets, 0)
        return log_prob, self._statistics(z, log_dets, z_tilde)

    def _example_log_prob(self, z_tilde, labels):
        """Of each row of `z_tilde`, with its share in what its labels have in common: [B], nats."""
        if labels is None:
            return self._marginal().log_prob(z_tilde)
        return replica_log_prob(z_tilde, labels, self.correlation, self.layout)

    def _pair_terms(self, z_a, z_b, correlation, bijector):
        """As `terms`; both members go through T as one batch [2B, N]."""
        z = tf.cast(tf.concat([z_a, z_b], 0), self.variable_dtype)
        z_tilde, log_dets = bijector.forward_and_log_dets(z)
        pairs = tf.stack(tf.split(z_tilde, 2), axis=-2)
        log_det_a, log_det_b = tf.split(tf.reduce_sum(log_dets, 0), 2)
        log_prob = self._paired(correlation).log_prob(pairs) + log_det_a + log_det_b
        return log_prob, self._statistics(z, log_dets, z_tilde)

    def _statistics(self, z, log_dets, z_tilde):
        return [z[None], log_dets, *[part[None] for part in self.layout.split(z_tilde).values()]]

    def statistic_names(self) -> list[str]:
        """A name for each of the statistics of `terms`, in their order."""
        return [
            "z",
            *[f"the log-det of {step}" for step in self.flow.step_names],
            *[f"z_tilde of the block {name!r}" for name in self.layout.names],
        ]

    def _marginal(self):
        return FactorisedGaussian(self.layout.sizes, dtype=self.variable_dtype)

    def _paired(self, correlation):
        return PairedGaussian(correlation, self.layout.sizes)

    @tf.function(reduce_retracing=True, autograph=False)
    def _log_prob(self, z):
        z_tilde, log_det = self.flow.bijector.forward_and_log_det(z)
        return self._marginal().log_prob(z_tilde) + log_det

    @tf.function(reduce_retracing=True, autograph=False)
    def _pair_log_prob(self, z_a, z_b, correlation):
        return self._pair_terms(z_a, z_b, correlation, self.flow.bijector)[0]
