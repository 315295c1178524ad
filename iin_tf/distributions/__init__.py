"""The base distributions of the factorised representation."""

from iin_tf.distributions.factorised_gaussian import FactorisedGaussian
from iin_tf.distributions.grouped_gaussian import GroupedGaussian
from iin_tf.distributions.paired_gaussian import PairedGaussian

__all__ = ["FactorisedGaussian", "GroupedGaussian", "PairedGaussian"]
