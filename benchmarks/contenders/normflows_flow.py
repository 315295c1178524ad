"""normflows: masked couplings, its only ones with separate scale and shift networks.

A masked coupling's networks read and write all N dimensions, half of them zeros, so that
their first and last layers are twice as wide: 28.4 M weights beside 26.8 M.
"""

import normflows
import torch

from contenders.torch_training import TorchContender


class Contender(TorchContender):
    """[ActNorm, two masked affine couplings, a shuffle], in normflows' order of directions."""

    def flow(self, size):
        half = torch.zeros(size.latents)
        half[: size.latents // 2] = 1
        steps = []
        for _ in range(size.blocks):
            steps.append(normflows.flows.Permute(size.latents, mode="shuffle"))
            steps += [self._coupling(size, mask) for mask in (1 - half, half)]
            steps.append(normflows.flows.ActNorm(size.latents))
        # From the base distribution to the data: what it calls inverse is T.
        return normflows.NormalizingFlow(normflows.distributions.DiagGaussian(size.latents), steps)

    def _coupling(self, size, mask):
        widths = [size.latents, *[size.hidden] * (size.depth + 1), size.latents]
        shift = normflows.nets.MLP(widths, leaky=0.01)
        scale = normflows.nets.MLP(widths, leaky=0.01, output_fn="tanh")
        return normflows.flows.MaskedAffineFlow(mask, shift, scale)

    def forward(self, z):
        return self.module.inverse_and_log_det(z)

    def inverse(self, z_tilde):
        return self.module.forward(z_tilde)
