"""Invertible steps and their chain: `tfb.Bijector`s whose weights Keras owns."""

from iin_tf.bijectors.actnorm import ActNorm, actnorm_start
from iin_tf.bijectors.base import VectorBijector
from iin_tf.bijectors.block_steps import BlockSteps, FlowShape, register_coupling, register_mixing
from iin_tf.bijectors.chain import Chain
from iin_tf.bijectors.conditioner import Conditioner, Network, SplineConditioner
from iin_tf.bijectors.coupling import AffineCoupling, Coupling
from iin_tf.bijectors.flow import Flow
from iin_tf.bijectors.lu_linear import LULinear
from iin_tf.bijectors.permutation import Permutation
from iin_tf.bijectors.principal_axes import PrincipalAxes, Trailing
from iin_tf.bijectors.rational_quadratic import Bends
from iin_tf.bijectors.spline_coupling import SplineCoupling

__all__ = [
    "ActNorm",
    "AffineCoupling",
    "Bends",
    "BlockSteps",
    "Chain",
    "Conditioner",
    "Coupling",
    "Flow",
    "FlowShape",
    "LULinear",
    "Network",
    "Permutation",
    "PrincipalAxes",
    "SplineConditioner",
    "SplineCoupling",
    "Trailing",
    "VectorBijector",
    "actnorm_start",
    "register_coupling",
    "register_mixing",
]
