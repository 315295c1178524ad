"""Invertible steps and their chain: `tfb.Bijector`s whose weights Keras owns."""

from iin_tf.bijectors.actnorm import ActNorm, actnorm_start
from iin_tf.bijectors.base import VectorBijector
from iin_tf.bijectors.chain import Chain
from iin_tf.bijectors.conditioner import Conditioner, Network
from iin_tf.bijectors.coupling import AffineCoupling
from iin_tf.bijectors.flow import Flow
from iin_tf.bijectors.lu_linear import LULinear
from iin_tf.bijectors.permutation import Permutation
from iin_tf.bijectors.principal_axes import PrincipalAxes, Trailing

__all__ = [
    "ActNorm",
    "AffineCoupling",
    "Chain",
    "Conditioner",
    "Flow",
    "LULinear",
    "Network",
    "Permutation",
    "PrincipalAxes",
    "Trailing",
    "VectorBijector",
    "actnorm_start",
]
