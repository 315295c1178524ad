"""zuko: couplings whose scale and shift come from one network.

That network is wider by the square root of two or so, which gives the whole flow the number
of weights, and of products, that the others have.  zuko has no ActNorm; an elementwise
affine map with weights of its own does the same work.
"""

import numpy as np
import torch
import zuko
from zuko.flows.coupling import GeneralCouplingTransform
from zuko.lazy import Flow, UnconditionalDistribution, UnconditionalTransform
from zuko.transforms import MonotonicAffineTransform, PermutationTransform

from contenders.torch_training import TorchContender


class Contender(TorchContender):
    """[affine map, two couplings, permutation], with weights as many as the others have."""

    def flow(self, size):
        first = torch.arange(size.latents) < size.latents // 2
        hidden = [equal_width(size)] * (size.depth + 1)
        steps = []
        for _ in range(size.blocks):
            zeros = torch.zeros(size.latents)
            steps.append(UnconditionalTransform(MonotonicAffineTransform, zeros, zeros.clone()))
            for mask in (first, ~first):
                steps.append(
                    GeneralCouplingTransform(
                        size.latents,
                        mask=mask,
                        hidden_features=hidden,
                        activation=torch.nn.LeakyReLU,
                    )
                )
            order = torch.randperm(size.latents)
            steps.append(UnconditionalTransform(PermutationTransform, order, buffer=True))
        base = UnconditionalDistribution(
            zuko.distributions.DiagNormal,
            torch.zeros(size.latents),
            torch.ones(size.latents),
            buffer=True,
        )
        return Flow(steps, base)

    def forward(self, z):
        return self.module().transform.call_and_ladj(z)

    def inverse(self, z_tilde):
        return self.module().transform.inv(z_tilde)


def equal_width(size):
    """Width at which one network has as many weights as two of width `size.hidden`."""
    half, hidden, depth = size.latents // 2, size.hidden, size.depth
    target = 2 * (2 * half * hidden + depth * hidden**2)
    # From half to N over `depth` square layers: depth w^2 + 3 half w = target.
    if depth == 0:
        return round(target / (3 * half))
    return round((-3 * half + np.sqrt(9 * half**2 + 4 * depth * target)) / (2 * depth))
