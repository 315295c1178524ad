"""Measures of disentanglement that the field trusts, on anybody's codes.

`disentanglement(codes, factors)` is the one call; `Protocol` has the settings;
`interventions(sampler, represent)` has the measures that set factors themselves, and `udr`
ranks several models; `register` adds a measure.  Everything is NumPy, SciPy and scikit-learn:
no model and no TensorFlow is needed.
"""

from iin_tf.measures.disentangle import disentanglement
from iin_tf.measures.frechet import (
    features_of,
    frechet_distance,
    gaussian_frechet,
    kernel_distance,
)
from iin_tf.measures.interventions import interventions
from iin_tf.measures.protocol import Protocol
from iin_tf.measures.registry import FAMILIES, register
from iin_tf.measures.study import Study
from iin_tf.measures.total_variation import unfairness_of_counts
from iin_tf.measures.udr import udr

__all__ = [
    "FAMILIES",
    "Protocol",
    "Study",
    "disentanglement",
    "features_of",
    "frechet_distance",
    "gaussian_frechet",
    "interventions",
    "kernel_distance",
    "register",
    "udr",
    "unfairness_of_counts",
]
