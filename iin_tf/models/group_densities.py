"""Densities of a network's representations by what they have in common: of batches, of two."""

from typing import TYPE_CHECKING, Any

import tensorflow as tf
from tensorflow_probability import bijectors as tfb
from tensorflow_probability import distributions as tfd

from iin_tf.distributions import GroupedGaussian, PairedGaussian
from iin_tf.factors import FactorLayout
from iin_tf.models.batch_loss import of_all_replicas, place_in_batch
from iin_tf.models.labels import check_group_correlation, columns_of, label_codes
from iin_tf.models.representation import RepresentationDistribution


class GroupDensities:
    """What examples with equal labels have in common, as a likelihood.

    A class that inherits this has what `Densities` asks for.
    """

    layout: FactorLayout

    if TYPE_CHECKING:

        @property
        def bijector(self) -> tfb.Bijector: ...

        @property
        def correlation(self) -> tf.Tensor: ...

        def correlation_of(self, shared: Any, argument: str = "shared") -> tf.Tensor: ...

        def _rows(self, z: Any, argument: str = "z") -> tf.Tensor: ...

        def _row_pairs(self, z: Any, donor: Any, arguments: tuple[str, str]) -> tuple: ...

        def _transform(self, z: tf.Tensor) -> tf.Tensor: ...

        def _paired(self, correlation: tf.Tensor) -> PairedGaussian: ...

    def grouped_distribution(self, labels: Any) -> tfd.TransformedDistribution:
        """The joint of a whole labelled batch, event [B, N], from the correlations as they are now.

        Args:
          labels: int [B, K], the value of each factor for each example, -1 where it is unknown;
            or a mapping or data frame factor -> [B], in which `KernelLabels` are of a
            continuous factor.

        Raises:
          InputError: labels that do not fit the layout.
        """
        codes = label_codes(labels, self.layout)
        check_group_correlation(self)
        columns = [column for _, column in columns_of(codes, self.layout)]
        base = GroupedGaussian(columns, self.correlation, self.layout.sizes)
        return RepresentationDistribution(base, tfb.Invert(self.bijector))

    def grouped_log_prob(self, z: Any, labels: Any) -> tf.Tensor:
        """Joint log-density of a whole labelled batch: scalar, nats.

        Args:
          z: float [B, N].
          labels: as in `grouped_distribution`.

        Raises:
          InputError: rows that are not N finite numbers, or labels that do not fit.
        """
        return self.grouped_distribution(labels).log_prob(self._rows(z))

    def same(self, z_a: Any, z_b: Any, factor: str) -> tf.Tensor:
        """Do two examples share a factor: the log-likelihood ratio of "they do" to "they do not".

        `log p(z_a, z_b | they share the factor) - log p(z_a) p(z_b)`, to which the factor's
        block alone contributes; symmetric in the two.  Above 0, sharing is the likelier.

        Args:
          z_a: float [B, N], one example of each pair.
          z_b: float [B, N], the other.
          factor: name of the factor, or "residual".

        Returns:
          float [B], nats.

        Raises:
          InputError: rows that are not N finite numbers, other lengths, or an unknown name.

        Source: probabilistic linear discriminant analysis' verification score, Ioffe, ECCV 2006.
        """
        shared = self.layout.shared(factor)
        z_a, z_b = self._row_pairs(z_a, z_b, ("z_a", "z_b"))
        codes = self._transform(tf.concat([z_a, z_b], 0))
        pairs = tf.stack(tf.split(codes, 2), axis=-2)
        together, apart = (
            self._paired(self.correlation_of(row)).log_prob(pairs)
            for row in (shared, self.layout.shared(None))
        )
        return together - apart


def replica_log_prob(
    z_tilde: tf.Tensor, labels: Any, correlation: tf.Tensor, layout: FactorLayout
) -> tf.Tensor:
    """The shares of this replica's rows in the log-density of the batch of all replicas.

    Args:
      z_tilde: float [B, N], this replica's rows.
      labels: int [B, K], theirs, or a mapping as `label_codes` gives one.
      correlation: float [K+1].
      layout: FactorLayout.

    Returns:
      float [B], nats.
    """
    rows = tf.shape(z_tilde)[0]
    first, _ = place_in_batch(rows)
    columns = [
        column for _, column in columns_of(tf.nest.map_structure(of_all_replicas, labels), layout)
    ]
    joint = GroupedGaussian(columns, correlation, layout.sizes)
    return joint.example_log_prob(of_all_replicas(z_tilde))[first : first + rows]
